package net.fougateway;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

/** Conditions on classes that run for every packet. */
final class PacketPath {

    private PacketPath() {}

    /** Calls of the stream API from an instance method; constructors and static helpers run once. */
    static ArchCondition<JavaClass> callStreamsOutsideOfConstruction() {
        return new ArchCondition<>("call streams outside of construction") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (JavaAccess<?> access : type.getAccessesFromSelf()) {
                    boolean once = access.getOrigin().isConstructor()
                            || access.getOrigin().getModifiers().contains(JavaModifier.STATIC);
                    boolean stream = access.getTargetOwner().getPackageName().equals("java.util.stream");
                    events.add(new SimpleConditionEvent(type, stream && !once, access.getDescription()));
                }
            }
        };
    }
}
