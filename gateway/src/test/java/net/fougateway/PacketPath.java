package net.fougateway;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.netty.channel.ChannelInboundHandler;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.BaseStream;
import java.util.stream.Stream;
import net.fougateway.channel.BatchChannel;
import net.fougateway.log.LogLimit;

/**
 * What runs for every packet: all that is called, through however many methods, from where a batch is read and from where it is handled.
 * It is followed through the packages of the packet path; what these call elsewhere is looked at, and not gone into.
 */
final class PacketPath {

    /** Channels and handlers of batches. */
    static final DescribedPredicate<JavaClass> BEGINS_THERE = DescribedPredicate.describe(
            "read or handle batches",
            type -> isOnPath(type)
                    && (type.isAssignableTo(BatchChannel.class) || type.isAssignableTo(ChannelInboundHandler.class)));

    /** No objects, streams, Optionals or socket addresses, and no boxes; only an exception on its way out may be one. */
    static final ArchCondition<JavaClass> MAKE_NO_OBJECTS = new ArchCondition<>("make no objects for a packet") {
        @Override
        public void check(JavaClass type, ConditionEvents events) {
            for (JavaMethod method : reachableFrom(type)) {
                if (isSeldom(method)) {
                    continue;
                }
                method.getConstructorCallsFromSelf().stream()
                        .filter(call -> !call.getTargetOwner().isAssignableTo(Throwable.class))
                        .forEach(call -> violated(events, type, call));
                method.getMethodCallsFromSelf().stream()
                        .filter(PacketPath::makesObjects)
                        .forEach(call -> events.add(SimpleConditionEvent.violated(type, call.getDescription())));
            }
        }
    };

    private static final Set<String> PACKAGES = Set.of("path", "udp", "tun", "icmp", "codec", "route", "ethernet");
    private static final Set<String> BEGINNINGS = Set.of("channelRead", "readBatch");
    /** What happens when the program is at fault may cost something. */
    private static final String ACCIDENTS = "net.fougateway.path.Accidents";

    private PacketPath() {}

    private static void violated(ConditionEvents events, JavaClass type, JavaConstructorCall call) {
        events.add(SimpleConditionEvent.violated(type, call.getDescription()));
    }

    /** Log lines cost something, ten times a minute at most. */
    private static boolean isSeldom(JavaMethod method) {
        return method.getMethodCallsFromSelf().stream()
                .anyMatch(call -> call.getTargetOwner().isEquivalentTo(LogLimit.class));
    }

    private static boolean makesObjects(JavaMethodCall call) {
        JavaClass owner = call.getTargetOwner();
        return owner.isAssignableTo(Optional.class)
                || owner.isAssignableTo(BaseStream.class)
                || owner.isAssignableTo(InetSocketAddress.class)
                || (call.getName().equals("valueOf") && owner.getPackageName().equals("java.lang"));
    }

    private static Set<JavaMethod> reachableFrom(JavaClass type) {
        Set<JavaMethod> found = new HashSet<>();
        Deque<JavaMethod> open = new ArrayDeque<>();
        type.getMethods().stream()
                .filter(method -> BEGINNINGS.contains(method.getName()))
                .forEach(open::push);
        while (!open.isEmpty()) {
            JavaMethod method = open.pop();
            if (found.add(method)) {
                method.getMethodCallsFromSelf().stream()
                        .flatMap(PacketPath::targets)
                        .filter(target -> isOnPath(target.getOwner()))
                        .forEach(open::push);
            }
        }
        return found;
    }

    /** The method that is called, and all that may stand in for it. */
    private static Stream<JavaMethod> targets(JavaMethodCall call) {
        JavaClass owner = call.getTargetOwner();
        String[] parameters = call.getTarget().getRawParameterTypes().stream()
                .map(JavaClass::getName)
                .toArray(String[]::new);
        return Stream.concat(
                        call.getTarget().resolveMember().stream(),
                        owner.getAllSubclasses().stream()
                                .flatMap(sub -> sub.tryGetMethod(call.getName(), parameters).stream()))
                .distinct();
    }

    private static boolean isOnPath(JavaClass type) {
        String name = type.getPackageName();
        return name.startsWith("net.fougateway.")
                && PACKAGES.contains(name.substring("net.fougateway.".length()))
                && !type.getName().equals(ACCIDENTS);
    }
}
