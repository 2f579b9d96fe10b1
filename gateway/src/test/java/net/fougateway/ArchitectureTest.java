package net.fougateway;

import static com.tngtech.archunit.base.DescribedPredicate.lessThanOrEqualTo;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.conditions.ArchConditions.containNumberOfElements;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import net.fougateway.codec.DropReason;

@AnalyzeClasses(packages = "net.fougateway", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule THE_PACKET_PATH_KNOWS_NOTHING_OF_THE_PROGRAM_AROUND_IT = noClasses()
            .that()
            .resideInAnyPackage(
                    "net.fougateway.path..",
                    "net.fougateway.udp..",
                    "net.fougateway.tun..",
                    "net.fougateway.route..",
                    "net.fougateway.ethernet..",
                    "net.fougateway.channel..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "net.fougateway.config..",
                    "net.fougateway.plan..",
                    "net.fougateway.engine..",
                    "net.fougateway.status..",
                    "net.fougateway.admin..",
                    "net.fougateway.cli..",
                    "net.fougateway.host..");

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().assignedFrom(new EachPackage()).should().beFreeOfCycles();

    private static final class EachPackage implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
            return SliceIdentifier.of(javaClass.getPackageName());
        }

        @Override
        public String getDescription() {
            return "each package";
        }
    }

    /** What starts the gateway, and nothing else: every other class has a room, which says what it may touch. */
    @ArchTest
    static final ArchRule THE_ROOT_IS_SMALL = classes()
            .that()
            .resideInAPackage("net.fougateway")
            .and()
            .areTopLevelClasses()
            .should(containNumberOfElements(lessThanOrEqualTo(3)));

    /** A plan follows from a configuration and touches nothing. */
    @ArchTest
    static final ArchRule A_PLAN_TOUCHES_NOTHING = noClasses()
            .that()
            .haveFullyQualifiedName("net.fougateway.plan.Plan")
            .should()
            .dependOnClassesThat()
            .haveNameMatching(".*\\.(Netlink|Libc|Routes|Links|LinkSetup|UdpSocket|KernelLookups)");

    /** Engines carry packets; what is told of them, and who asks, is not their business. */
    @ArchTest
    static final ArchRule ENGINES_KNOW_NEITHER_STATUS_NOR_ADMIN = noClasses()
            .that()
            .resideInAPackage("net.fougateway.engine..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("net.fougateway.status..", "net.fougateway.admin..", "net.fougateway.training..");

    @ArchTest
    static final ArchRule NOBODY_KNOWS_THE_COMMANDS = noClasses()
            .that()
            .resideOutsideOfPackage("net.fougateway.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("net.fougateway.cli..");

    /** Netty's own lines go through the log too, also while Netty's classes come to life. */
    @ArchTest
    static final ArchRule THE_LOG_NEEDS_NO_NETTY = noClasses()
            .that()
            .resideInAPackage("net.fougateway.log..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..");

    @ArchTest
    static final ArchRule LINUX_KNOWS_NOTHING_OF_THE_GATEWAY = classes()
            .that()
            .resideInAPackage("net.fougateway.linux..")
            .should()
            .onlyDependOnClassesThat(resideOutsideOfPackage("net.fougateway..")
                    .or(resideInAPackage("net.fougateway.linux.."))
                    .or(resideInAPackage("net.fougateway.codec.."))
                    .or(name("net.fougateway.route.Prefix"))
                    .or(name("net.fougateway.route.Underlay")));

    @ArchTest
    static final ArchRule BPF_KNOWS_NOTHING_OF_TUNNELS = classes()
            .that()
            .resideInAPackage("net.fougateway.bpf..")
            .should()
            .onlyDependOnClassesThat(resideOutsideOfPackage("net.fougateway..")
                    .or(resideInAnyPackage("net.fougateway.bpf..", "net.fougateway.linux..")));

    @ArchTest
    static final ArchRule UDP_ONLY_MOVES_BYTES = border("udp");

    @ArchTest
    static final ArchRule TUN_ONLY_MOVES_BYTES = border("tun");

    @ArchTest
    static final ArchRule ICMP_ONLY_MOVES_BYTES = border("icmp");

    /** A border reports error numbers; what they mean for a packet is decided where it is counted and shown. */
    private static ArchRule border(String name) {
        return classes()
                .that()
                .resideInAPackage("net.fougateway." + name)
                .should()
                .onlyDependOnClassesThat(resideOutsideOfPackage("net.fougateway..")
                        .or(resideInAnyPackage(
                                "net.fougateway." + name,
                                "net.fougateway.codec",
                                "net.fougateway.linux",
                                "net.fougateway.channel"))
                        .and(not(type(DropReason.class))));
    }

    @ArchTest
    static final ArchRule WHAT_RUNS_FOR_EVERY_PACKET_MAKES_NO_OBJECTS =
            classes().that(PacketPath.BEGINS_THERE).should(PacketPath.MAKE_NO_OBJECTS);
}
