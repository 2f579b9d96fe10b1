"use strict";

// Shows /status, problems first, and plots what it counts. What comes from the gateway only ever becomes text.

const PERIOD_MS = 2000;
const ANSWER_WITHIN_MS = 5000;
const PLOTTED_MS = 120_000;
const PLOT_WIDTH = 120;
const PLOT_HEIGHT = 24;
const DENSE_FROM_PEERS = 12;
const DIRECTIONS = { udp_to_tun: "from peers (udp_to_tun)", tun_to_udp: "to peers (tun_to_udp)" };
const EXACT = new Intl.NumberFormat("en-US");
const PREFIXES = ["", "k", "M", "G", "T", "P", "E"];

const element = (id) => document.getElementById(id);

// Numbers and times, as `fou-gateway status` writes them.

const exact = (number) => EXACT.format(number);

function scaled(number, unit) {
  let prefix = 0;
  while (number >= 999.5 && prefix < PREFIXES.length - 1) {
    number /= 1000;
    prefix++;
  }
  const digits = prefix > 0 && number < 99.95 ? 1 : 0;
  return `${number.toFixed(digits)} ${PREFIXES[prefix]}${unit}`.trim();
}

function duration(from, to) {
  const seconds = Math.max(0, Math.floor((Date.parse(to) - Date.parse(from)) / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (minutes === 0) return `${seconds} s`;
  if (hours === 0) return `${minutes} min`;
  return days === 0 ? `${hours} h ${minutes % 60} min` : `${days} d ${hours % 24} h`;
}

const clock = (time) => time.toLocaleTimeString("en-GB");

// Elements that change only where the text does.

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const rowsOf = new WeakMap();

/** Gives `parent` one copy of a template for each item; an item keeps its copy as long as its key is there. */
function showRows(parent, templateId, items, keyOf, fill) {
  const before = rowsOf.get(parent) ?? new Map();
  const rows = new Map();
  for (const item of items) rows.set(keyOf(item), before.get(keyOf(item)) ?? copyOf(templateId));
  for (const [key, row] of before) if (!rows.has(key)) row.remove();
  let place = parent.firstElementChild;
  for (const row of rows.values()) {
    if (row === place) place = place.nextElementSibling;
    else parent.insertBefore(row, place);
  }
  for (const item of items) fill(rows.get(keyOf(item)), item);
  rowsOf.set(parent, rows);
}

function copyOf(templateId) {
  const copy = element(templateId).content.firstElementChild.cloneNode(true);
  for (const svg of copy.querySelectorAll("svg")) observer.observe(svg);
  return copy;
}

/** A table that is there when it has rows, and a sentence that is there when it has none. */
function showTable(id, templateId, items, keyOf, fill) {
  showRows(element(id).tBodies[0], templateId, items, keyOf, fill);
  element(id).hidden = items.length === 0;
  element(`no-${id}`).hidden = items.length > 0;
}

// Plots. Only those on the screen are drawn.

let plots = new WeakMap();
const onScreen = new WeakSet();
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) onScreen.add(target);
    else onScreen.delete(target);
    draw(target);
  }
});

/** Adds a value to each plot; all get the same scale, whose greatest value is the answer. */
function plot(svgs, at, values) {
  const series = svgs.map((svg, i) => [
    ...(plots.get(svg)?.points ?? []).filter((point) => point.at > at - PLOTTED_MS),
    { at, value: values[i] },
  ]);
  const top = Math.max(...series.flat().map((point) => point.value));
  svgs.forEach((svg, i) => {
    plots.set(svg, { points: series[i], top });
    draw(svg);
  });
  return top;
}

function draw(svg) {
  if (!onScreen.has(svg) || !plots.has(svg)) return;
  const { points, top } = plots.get(svg);
  const newest = points.at(-1).at;
  const x = (at) => (PLOT_WIDTH * (1 - (newest - at) / PLOTTED_MS)).toFixed(1);
  const y = (value) => (PLOT_HEIGHT - 1 - (PLOT_HEIGHT - 2) * (top > 0 ? value / top : 0)).toFixed(1);
  const line = points.map(({ at, value }) => `${x(at)} ${y(value)}`).join("L");
  const [area, stroke] = svg.children;
  area.setAttribute("d", `M${x(points[0].at)} ${PLOT_HEIGHT}L${line}L${PLOT_WIDTH} ${PLOT_HEIGHT}Z`);
  stroke.setAttribute("d", `M${line}`);
}

// The document.

/** Change of a counter per second; null while there is nothing to compare it with. */
function perSecond(count, earlier, seconds) {
  return seconds > 0 && earlier !== undefined ? Math.max(0, count - earlier) / seconds : null;
}

function trafficRates(total, earlier, seconds) {
  const bytes = perSecond(total.bytes, earlier?.bytes, seconds);
  return { bits: bytes === null ? null : 8 * bytes, packets: perSecond(total.packets, earlier?.packets, seconds) };
}

function showRates(parent, { bits, packets }) {
  setText(parent.querySelector(".bits"), bits === null ? "–" : scaled(bits, "bit/s"));
  setText(parent.querySelector(".packets"), packets === null ? "" : `${scaled(packets, "")} packets/s`);
}

function problemsOf(now) {
  return [
    ...now.conditions.filter((condition) => !condition.met).map((condition) => `Not ready: ${condition.sentence}`),
    ...now.findings,
  ];
}

function showState(now) {
  const problems = problemsOf(now);
  const words = !now.ready ? "✗ not ready" : problems.length > 0 ? "! ready, needs attention" : "✓ ready";
  setText(element("state"), words);
  element("state").className = !now.ready ? "bad" : problems.length > 0 ? "warn" : "good";
  document.title = `${words} – ${now.device.name}`;
  element("problems").hidden = problems.length === 0;
  showRows(element("problems").querySelector("ul"), "item", problems, (text) => text, setText);
}

function showFacts({ device, routes, workers, sourcePorts, version, startedAt, now }) {
  setText(element("device"), device.name);
  setText(
    element("facts"),
    `${device.up ? "up" : "down"}, MTU ${device.mtuBytes}, queues ${device.queues}, workers ${workers}, ` +
      `source ports ${exact(sourcePorts)}, prefixes ${routes.ipv4} IPv4 ${routes.ipv6} IPv6`,
  );
  setText(element("version"), `fou-gateway ${version}, running for ${duration(startedAt, now)}`);
}

function showFlows(now, earlier, seconds) {
  const directions = ["udp_to_tun", "tun_to_udp"];
  const rates = directions.map((direction) => {
    const flow = now.directions[direction];
    showSum(element(direction).querySelector("tbody"), flow);
    return trafficRates(flow.forwarded, earlier?.directions[direction].forwarded, seconds);
  });
  directions.forEach((direction, i) => showRates(element(direction), rates[i]));
  if (seconds > 0) {
    const svgs = directions.map((direction) => element(direction).querySelector("svg"));
    const top = plot(svgs, Date.parse(now.now), rates.map((rate) => rate.bits));
    for (const direction of directions) {
      setText(element(direction).querySelector(".scale"), `last two minutes, up to ${scaled(top, "bit/s")}`);
    }
  }
}

function showSum(body, flow) {
  ["packets", "bytes"].forEach((unit, row) => {
    ["received", "forwarded", "dropped"].forEach((part, column) => {
      setText(body.rows[row].cells[column + 1], exact(flow[part][unit]));
    });
  });
}

function showPeers(now, earlier, seconds) {
  const before = new Map(earlier?.peers.map((peer) => [peer.name, peer]));
  setText(element("peers-heading"), `Peers (${exact(now.peers.length)})`);
  const dense = now.peers.length >= DENSE_FROM_PEERS;
  element("filter").hidden = !dense;
  element("peers").classList.toggle("dense", dense);
  const silent = (peer) => peer.lastReceive === null && peer.sent.packets > 0;
  const peers = [...now.peers].sort((a, b) => silent(b) - silent(a));
  showTable("peers", "peer", peers, (peer) => peer.name, (row, peer) => {
    const [name, remote, encapsulation, pathMtu, received, sent, lastHeard] = row.cells;
    setText(name, peer.name);
    setText(remote, `${peer.remote} port ${peer.port}`);
    setText(encapsulation, peer.encapsulation);
    setText(pathMtu, exact(peer.pathMtuBytes));
    setText(lastHeard, peer.lastReceive === null ? "never" : `${duration(peer.lastReceive, now.now)} ago`);
    const rates = [
      showTraffic(received, peer.received, before.get(peer.name)?.received, seconds),
      showTraffic(sent, peer.sent, before.get(peer.name)?.sent, seconds),
    ];
    if (rates[0] !== null) plot([received, sent].map((cell) => cell.querySelector("svg")), Date.parse(now.now), rates);
  });
  filterPeers();
}

function showTraffic(cell, total, earlier, seconds) {
  const rates = trafficRates(total, earlier, seconds);
  showRates(cell, rates);
  setText(cell.querySelector(".total"), `${exact(total.packets)} packets, ${scaled(total.bytes, "B")}`);
  return rates.bits;
}

function filterPeers() {
  const wanted = element("filter").hidden ? "" : element("filter").querySelector("input").value.toLowerCase();
  for (const [name, row] of rowsOf.get(element("peers").tBodies[0]) ?? []) {
    row.hidden = !name.toLowerCase().includes(wanted);
  }
}

/** Drops of the gateway, then those that the kernel made before the gateway could see the packet. */
function dropsOf(status) {
  return [
    ...status.drops,
    {
      direction: "udp_to_tun",
      reason: "(kernel) receive buffer",
      packets: status.udpReceiveBufferDrops,
      meaning: "A socket's receive buffer was full. Not in the sum above.",
      remedy: "Raise net.core.rmem_max.",
    },
    {
      direction: "udp_to_tun",
      reason: "(kernel) UDP checksum",
      packets: status.udpChecksumErrors.ipv4 + status.udpChecksumErrors.ipv6,
      meaning: "Datagrams, of the gateway or others, had a wrong UDP checksum. Not in the sum above.",
      remedy: "Look for a middlebox, or for transmit offload at the sender (ethtool -K DEVICE tx off).",
    },
    {
      direction: "tun_to_udp",
      reason: "(kernel) TUN queue",
      packets: status.device.queueDrops,
      meaning: "The queue of the TUN device was full. Not in the sum above.",
      remedy: "Raise txqueuelen of the device, or workers.",
    },
  ];
}

function showDrops(now, earlier, seconds) {
  const keyOf = (drop) => `${drop.direction} ${drop.reason}`;
  const before = new Map(earlier && dropsOf(earlier).map((drop) => [keyOf(drop), drop.packets]));
  const drops = dropsOf(now)
    .filter((drop) => drop.packets > 0)
    .sort((a, b) => b.packets - a.packets);
  showTable("drops", "drop", drops, keyOf, (row, drop) => {
    const rate = perSecond(drop.packets, before.get(keyOf(drop)), seconds);
    const texts = [
      exact(drop.packets),
      rate === null ? "–" : `${scaled(rate, "")}/s`,
      DIRECTIONS[drop.direction],
      drop.reason,
      drop.last ? `${drop.meaning} Last ${drop.direction === "udp_to_tun" ? "from" : "to"} ${drop.last.address}, ${duration(drop.last.at, now.now)} ago.` : drop.meaning,
      drop.remedy,
    ];
    texts.forEach((text, i) => setText(row.cells[i], text));
  });
}

function errorsOf(status) {
  const rows = (counts, when) => Object.entries(counts).map(([errno, times]) => ({ errno, when, times }));
  return [...rows(status.udpSendErrors, "sending a datagram"), ...rows(status.tunWriteErrors, "writing to the device")];
}

function showErrors(now, earlier, seconds) {
  const keyOf = (error) => `${error.when} ${error.errno}`;
  const before = new Map(earlier && errorsOf(earlier).map((error) => [keyOf(error), error.times]));
  showTable("errors", "error", errorsOf(now), keyOf, (row, error) => {
    const rate = perSecond(error.times, before.get(keyOf(error)) ?? 0, seconds);
    const texts = [error.errno, error.when, exact(error.times), rate === null ? "–" : `${scaled(rate, "")}/s`];
    texts.forEach((text, i) => setText(row.cells[i], text));
  });
}

function showOffloads({ offloads }) {
  showRows(element("offloads").tBodies[0], "offload", offloads, (offload) => offload.feature, (row, offload) => {
    const texts = [offload.feature, offload.active ? "✓ active" : "✗ inactive", offload.detail];
    texts.forEach((text, i) => setText(row.cells[i], text));
  });
}

function showReloads({ reloads: { succeeded, failed, lastSuccessful, last } }) {
  const outcome = lastSuccessful ? "✓ The last change was taken over" : "✗ The last change was refused, the one before holds";
  setText(
    element("reloads"),
    succeeded + failed === 0
      ? "No change since start."
      : `${outcome} (since start ${exact(succeeded)} taken over, ${exact(failed)} refused)${last.length > 0 ? ":" : "."}`,
  );
  showRows(element("changes"), "item", last, (text) => text, setText);
}

let shown = null;

/** Shows a /status document, with rates against the one shown before if that is of the same run of the gateway. */
function show(now) {
  const elapsedSeconds = shown === null ? 0 : (Date.parse(now.now) - Date.parse(shown.now)) / 1000;
  const comparable = elapsedSeconds > 0 && now.startedAt === shown.startedAt;
  const earlier = comparable ? shown : null;
  const seconds = comparable ? elapsedSeconds : 0;
  if (!comparable) plots = new WeakMap();
  showState(now);
  showFacts(now);
  showFlows(now, earlier, seconds);
  showPeers(now, earlier, seconds);
  showDrops(now, earlier, seconds);
  showErrors(now, earlier, seconds);
  showOffloads(now);
  showReloads(now);
  shown = now;
}

// Asking.

let lastAnswer = null;
let silentSince = null;

async function ask() {
  const response = await fetch("status", { cache: "no-store", signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  if (!response.ok) throw new Error(`it answers ${response.status}, its log says why`);
  return response.json();
}

async function update() {
  let answer;
  try {
    answer = await ask();
  } catch (error) {
    showSilence(error);
    return;
  }
  lastAnswer = new Date();
  silentSince = null;
  element("silence").hidden = true;
  document.body.classList.remove("stale");
  show(answer);
}

function showSilence(error) {
  silentSince ??= new Date();
  const reason = {
    TypeError: "no connection",
    TimeoutError: `no answer within ${ANSWER_WITHIN_MS / 1000} s`,
    SyntaxError: "it does not answer with JSON",
  }[error.name];
  const old = lastAnswer === null ? "" : ` What is shown is of ${clock(lastAnswer)}.`;
  setText(
    element("silence"),
    `The gateway has not answered since ${clock(silentSince)} (${reason ?? error.message}).${old} ` +
      `Asking again every ${PERIOD_MS / 1000} s.`,
  );
  element("silence").hidden = false;
  setText(element("state"), "✗ no answer");
  element("state").className = "bad";
  document.title = "✗ no answer – fou-gateway";
  document.body.classList.add("stale");
}

let timer;
let asking = false;

/** Asks now and then every PERIOD_MS, as long as somebody can see the page. */
async function tick() {
  clearTimeout(timer);
  if (asking || document.hidden) return;
  asking = true;
  try {
    await update();
  } finally {
    asking = false;
    timer = setTimeout(tick, PERIOD_MS);
  }
}

for (const svg of document.querySelectorAll("svg")) observer.observe(svg);
element("filter").addEventListener("input", filterPeers);
document.addEventListener("visibilitychange", tick);
tick();
