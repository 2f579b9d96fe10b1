package net.fougateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The page of the admin port in a browser, on a gateway with traffic. With {@code -Dupdate=true} it also takes the picture of
 * the documentation, after two minutes of traffic.
 */
class StatusPageIT {

    private static final boolean UPDATE = Boolean.getBoolean("update");
    private static final Path PICTURE = Path.of("../docs/status-page.png");
    private static final String PARIS = """
            device: {name: fou0, address: [10.10.10.1/24, "fd00:10::1/64"]}
            listen: [{port: 5555}, {port: 6080, encapsulation: gue}]
            peers:
              - {name: lyon, remote: 192.0.2.2, allowed_ips: [10.10.10.2/32, "fd00:10::2/128"]}
              - {name: oslo, remote: "2001:db8::3", encapsulation: gue, protocol: gre, port: 6080,
                 allowed_ips: [10.10.10.3/32, "fd00:10::3/128"], ttl: 64}
              - {name: tokyo, remote: 192.0.2.4, checksum: false, allowed_ips: [10.10.10.4/32]}
            """;
    private static final String LYON = """
            device: {name: fou0, address: [10.10.10.2/24, "fd00:10::2/64"]}
            peers: [{name: paris, remote: 192.0.2.1, allowed_ips: [10.10.10.1/32, "fd00:10::1/128"]}]
            """;
    private static final String OSLO = """
            device: {name: fou0, address: [10.10.10.3/24, "fd00:10::3/64"]}
            listen: [{port: 6080, encapsulation: gue}]
            peers:
              - {name: paris, remote: "2001:db8::1", encapsulation: gue, protocol: gre, port: 6080,
                 allowed_ips: [10.10.10.1/32, "fd00:10::1/128"]}
            """;

    private final AtomicBoolean enough = new AtomicBoolean();
    private Namespace paris;
    private Namespace lyon;
    private GatewayProcess gateway;
    private Browser browser;

    @BeforeEach
    void requireBrowser() throws Exception {
        Browser.require();
        Requires.program("ping", "iputils-ping");
    }

    @Test
    void showsTrafficDropsFindingsAndChanges() throws Exception {
        try (Lab lab = Lab.create()) {
            build(lab);
            Future<Void> toLyon = paris.start(() -> talk(TwoHosts.INNER4 + 2, 1_500_000));
            Future<Void> toOslo = paris.start(() -> talk(TwoHosts.INNER6 + 3, 400_000));
            assertRatesAreThoseOfStatus();
            provokeDrops();
            assertSoon(() -> browser.text("#problems"), "peer tokyo gets no UDP checksums");
            assertThat(browser.text("#state")).isEqualTo("! ready, needs attention");
            assertThat(browser.text("#peers")).contains("gue+gre", "2001:db8::3 port 6080", "never");
            changeConfiguration();
            takePictures();
            assertThat(browser.console()).isEqualTo("[]");
            assertThat(browser.script("""
                    return performance.getEntriesByType("resource").map(entry => new URL(entry.name).origin)
                      .filter(origin => origin !== location.origin)""")).isEqualTo(List.of());
            enough.set(true);
            toLyon.get(1, TimeUnit.MINUTES);
            toOslo.get(1, TimeUnit.MINUTES);
        }
    }

    @Test
    void saysThatTheGatewayIsGoneAndGoesOnWithTheNext() throws Exception {
        try (Lab lab = Lab.create()) {
            build(lab);
            assertSoon(() -> browser.text("#state"), "! ready");
            Object startedAt = browser.script("return shown.startedAt");

            gateway.terminate();

            assertSoon(() -> browser.text("#state"), "✗ no answer");
            assertThat(browser.text("#silence"))
                    .matches("The gateway has not answered since \\d\\d:\\d\\d:\\d\\d \\(no connection\\)\\. "
                            + "What is shown is of \\d\\d:\\d\\d:\\d\\d\\. Asking again every 2 s\\.");

            lab.gateway(paris, PARIS);

            assertSoon(() -> browser.text("#state"), "! ready");
            assertThat(browser.text("#silence")).isEmpty();
            assertThat(browser.script("return shown.startedAt")).isNotEqualTo(startedAt);
        }
    }

    @Test
    void asksOnlyWhileSomebodyLooks() throws Exception {
        try (Lab lab = Lab.create()) {
            build(lab);
            assertSoon(() -> browser.text("#state"), "! ready");
            showTab(false);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> browser.script("return asking").equals(false));
            Object asked = browser.script("return shown.now");
            Thread.sleep(5000);
            assertThat(browser.script("return shown.now")).isEqualTo(asked);

            showTab(true);

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> !browser.script("return shown.now").equals(asked));
        }
    }

    /** Headless there is one tab only; the page is told what it would be told about another. */
    private void showTab(boolean shown) throws Exception {
        browser.script("""
                Object.defineProperty(document, "hidden", {value: %b, configurable: true});
                document.dispatchEvent(new Event("visibilitychange"));""".formatted(!shown));
    }

    @Test
    void aThousandPeersStayUsable() throws Exception {
        try (Lab lab = Lab.create()) {
            build(lab);
            assertSoon(() -> browser.text("#state"), "! ready");
            browser.screen(1200, 800, false);
            Map<?, ?> result = (Map<?, ?>) browser.script("""
                    const peer = shown.peers[0];
                    const documents = [0, 2, 4].map(second => ({
                      ...shown,
                      now: new Date(Date.parse(shown.now) + 1000 * (second + 2)).toISOString(),
                      peers: Array.from({length: 1000}, (_, i) => ({
                        ...peer,
                        name: `site-${i}`,
                        received: {packets: 500 * second, bytes: 500000 * second},
                        sent: {packets: 1000 * second, bytes: 1000 * second * i},
                      })),
                    }));
                    const milliseconds = documents.map(next => {
                      const started = performance.now();
                      show(next);
                      document.body.getBoundingClientRect();
                      return performance.now() - started;
                    });
                    const input = document.querySelector("#filter input");
                    input.value = "-99";
                    input.dispatchEvent(new Event("input", {bubbles: true}));
                    const rows = [...document.querySelectorAll("#peers tbody tr")];
                    return {
                      milliseconds,
                      first: rows[0].innerText,
                      last: rows[999].innerText,
                      height: document.querySelector("#peers tbody tr:not([hidden])").getBoundingClientRect().height,
                      found: rows.filter(row => row.checkVisibility()).map(row => row.cells[0].innerText),
                    };""");
            System.out.println("1000 peers, milliseconds for each update: " + result.get("milliseconds"));
            assertThat(result.get("first").toString()).contains("site-0", "4.0 Mbit/s", "500 packets/s");
            assertThat(result.get("last").toString()).contains("site-999", "8.0 Mbit/s", "1.0 k packets/s");
            assertThat((List<?>) result.get("found")).hasSize(11);
            assertThat(((Number) result.get("height")).doubleValue()).isLessThan(32);
            assertThat(((Number) ((List<?>) result.get("milliseconds")).get(2)).doubleValue())
                    .isLessThan(5000);
        }
    }

    private void build(Lab lab) throws Exception {
        Namespace wire = lab.namespace("wire");
        wire.bridge("br0");
        paris = site(lab, wire, 1);
        lyon = site(lab, wire, 2);
        Namespace oslo = site(lab, wire, 3);
        gateway = lab.gateway(paris, PARIS);
        lab.gateway(lyon, LYON);
        lab.gateway(oslo, OSLO);
        lab.server(lyon, TwoHosts.SERVICE);
        lab.server(oslo, TwoHosts.SERVICE);
        browser = Browser.open(lab, paris, "http://127.0.0.1:15555/");
    }

    private static Namespace site(Lab lab, Namespace wire, int number) throws Exception {
        Namespace site = lab.namespace("site" + number);
        lab.link(wire, "port" + number, site, "eth0");
        wire.ok("ip", "link", "set", "port" + number, "master", "br0", "up");
        site.address("eth0", "192.0.2." + number + "/24", "2001:db8::" + number + "/64");
        return site;
    }

    /** Transfers of changing size, ten a second, until it is enough. */
    private Void talk(String address, int bytes) throws Exception {
        TrafficClient client = new TrafficClient(address, TwoHosts.SERVICE);
        for (int i = 0; !enough.get(); i++) {
            double wave = 1.3 + Math.sin(i / 60.0) * Math.cos(i / 23.0);
            client.transfer((long) (bytes * wave), (long) (bytes / 3.0 * (2.3 - wave)));
            Thread.sleep(100);
        }
        return null;
    }

    private void assertRatesAreThoseOfStatus() throws Exception {
        await().atMost(Duration.ofSeconds(30)).until(() -> plotted() > 0);
        Map<?, ?> before = lyonInStatus();
        Thread.sleep(12_000);
        Map<?, ?> after = lyonInStatus();
        for (String way : List.of("received", "sent")) {
            double seconds = (number(after, "at") - number(before, "at")) / 1000;
            double expected = 8 * (number(after, way) - number(before, way)) / seconds;
            Object shown = browser.script("""
                    const svg = document.querySelector("#peers tbody tr svg.%s");
                    const points = plots.get(svg).points.filter(({at}) => at > %.0f && at <= %.0f);
                    return points.reduce((sum, point) => sum + point.value, 0) / points.length;""".formatted(way, number(before, "at"), number(after, "at")));
            assertThat(expected).isGreaterThan(1_000_000);
            assertThat(((Number) shown).doubleValue()).as(way).isCloseTo(expected, Percentage.withPercentage(25));
        }
        assertThat(browser.text("#peers tbody tr .bits")).contains("Mbit/s");
    }

    /** How many rates of lyon the page has. */
    private double plotted() throws Exception {
        return ((Number) browser.script("""
                return plots.get(document.querySelector("#peers tbody tr svg"))?.points.length ?? 0""")).doubleValue();
    }

    private Map<?, ?> lyonInStatus() throws Exception {
        Map<?, ?> status = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(gateway.status());
        Map<?, ?> peer = (Map<?, ?>) ((List<?>) status.get("peers")).get(0);
        return Map.of(
                "at", (double) Instant.parse(status.get("now").toString()).toEpochMilli(),
                "received", number((Map<?, ?>) peer.get("received"), "bytes"),
                "sent", number((Map<?, ?>) peer.get("sent"), "bytes"));
    }

    private static double number(Map<?, ?> object, String key) {
        return ((Number) object.get(key)).doubleValue();
    }

    private void provokeDrops() throws Exception {
        assertThat(browser.text("#no-drops")).isEqualTo("✓ Nothing dropped since start.");
        lyon.address("lo", "10.99.0.1/32");
        lyon.run(Duration.ofSeconds(10), "ping", "-c", "9", "-i", "0.1", "-W", "1", "-I", "10.99.0.1", "10.10.10.1")
                .failed();
        paris.run(Duration.ofSeconds(10), "ping", "-c", "2", "-i", "0.1", "-W", "1", "10.10.10.99")
                .failed();
        assertSoon(() -> browser.text("#drops tbody"), "no_route");
        assertSoon(() -> browser.text("#drops tbody"), "source_not_allowed");
        assertThat(browser.text("#drops tbody"))
                .contains("udp_to_tun", "Add the prefix to allowed_ips of that peer, or set source_check");
        assertSoon(() -> browser.text("#udp_to_tun .sum td:last-child"), "9");
    }

    private void changeConfiguration() throws Exception {
        gateway.reconfigure(PARIS + "\"<b>x</b>\": 1\n", false);
        assertSoon(() -> browser.text("#problems"), "<b>x</b>");
        assertThat(browser.script("return document.querySelector('#problems b')"))
                .isNull();
        assertThat(browser.text("#reloads")).contains("The last change was refused", "0 taken over, 1 refused");

        gateway.reconfigure(PARIS.replace("ttl: 64", "ttl: 32"), false);
        assertSoon(() -> browser.text("#changes"), "peers[oslo].ttl: 64 → 32");
        assertThat(browser.text("#problems")).doesNotContain("refused");
    }

    private void takePictures() throws Exception {
        Thread.sleep(UPDATE ? 100_000 : 0);
        browser.screen(320, 800, false);
        assertThat(((Number) browser.script("return document.documentElement.scrollWidth")).intValue())
                .isLessThanOrEqualTo(320);
        picture(360, false, "footer", Path.of("target/status-page-narrow.png"));
        picture(1200, true, "footer", Path.of("target/status-page-dark.png"));
        picture(1200, false, "#peers", UPDATE ? PICTURE : Path.of("target/status-page.png"));
        assertThat(PICTURE).exists();
    }

    /** The page down to the section of {@code last}, at a moment without packets in flight. */
    private void picture(int width, boolean dark, String last, Path file) throws Exception {
        browser.screen(width, 800, dark);
        Object bottom = browser.script("""
                return document.querySelector("%s").closest("section, footer").getBoundingClientRect().bottom""".formatted(last));
        browser.screen(width, ((Number) bottom).intValue() + 8, dark);
        await().atMost(Duration.ofSeconds(30)).until(this::sumsShownClose);
        Files.write(file, browser.screenshot());
    }

    private Boolean sumsShownClose() throws Exception {
        return (Boolean) browser.script("""
                return Object.values(shown.directions)
                  .every(flow => flow.received.bytes === flow.forwarded.bytes + flow.dropped.bytes)""");
    }

    private static void assertSoon(Callable<String> text, String part) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(text.call()).contains(part));
    }
}
