package net.fougateway;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
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
import java.net.InetSocketAddress;
import java.util.Optional;
import net.fougateway.codec.Coalescer;
import net.fougateway.codec.Decapsulator;
import net.fougateway.codec.FlowHash;
import net.fougateway.codec.Fragmentation;
import net.fougateway.codec.IcmpError;
import net.fougateway.codec.InnerPacket;
import net.fougateway.codec.MssClamp;
import net.fougateway.codec.Segmentation;
import net.fougateway.codec.UnderlayIcmp;
import net.fougateway.path.PathMtu;
import net.fougateway.path.TunToUdp;
import net.fougateway.path.UdpToTun;
import net.fougateway.path.UnderlayErrors;
import net.fougateway.route.RouteTable;
import net.fougateway.route.SourceCheck;
import net.fougateway.tun.IcmpMessage;
import net.fougateway.tun.ReadBatch;
import net.fougateway.tun.WriteBatch;
import net.fougateway.udp.ReceiveBatch;
import net.fougateway.udp.SendBatch;

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
                    "net.fougateway.channel..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "net.fougateway.config..",
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
                    .or(name("net.fougateway.route.Prefix")));

    /** What runs for every packet makes no objects. */
    @ArchTest
    static final ArchRule THE_PACKET_PATH_USES_NO_OPTIONAL_STREAM_OR_SOCKET_ADDRESS = noClasses()
            .that()
            .belongToAnyOf(
                    UdpToTun.class,
                    TunToUdp.class,
                    UnderlayErrors.class,
                    IcmpMessage.class,
                    PathMtu.class,
                    Fragmentation.class,
                    MssClamp.class,
                    IcmpError.class,
                    UnderlayIcmp.class,
                    SendBatch.class,
                    ReceiveBatch.class,
                    ReadBatch.class,
                    WriteBatch.class,
                    Coalescer.class,
                    Segmentation.class,
                    InnerPacket.class,
                    FlowHash.class,
                    Decapsulator.class)
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Optional.class)
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("java.util.stream")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(InetSocketAddress.class);

    @ArchTest
    static final ArchRule TABLES_USE_STREAMS_IN_THEIR_CONSTRUCTORS_ONLY = noClasses()
            .that()
            .belongToAnyOf(SourceCheck.class, RouteTable.class)
            .should(PacketPath.callStreamsOutsideOfConstruction());
}
