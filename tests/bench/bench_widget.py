"""What the widget costs a page: bytes, requests, and when one can write, on this
machine and on a slow phone (a processor four times slower, 1.6 Mbit/s, 150 ms
there and back, as Lighthouse has it).  Prints figures, asserts nothing.

    bench_widget.py [ROUNDS]       of loading, 5"""

import os
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("run", "browser"):
    sys.path.insert(0, os.path.join(HERE, "..", folder))
from browser import Browser, missing  # noqa: E402
from daemon import SOURCE, Daemon  # noqa: E402

# Before anything of the page runs.
WATCH = """
window.seen = {long: 0, blocked: 0, shift: 0, paint: 0, ready: 0};
const watch = (type, take) => new PerformanceObserver((list) =>
    list.getEntries().forEach(take)).observe({type, buffered: true});
watch("longtask", (e) => { seen.long++; seen.blocked += Math.max(e.duration - 50, 0); });
watch("layout-shift", (e) => { if (!e.hadRecentInput) seen.shift += e.value; });
watch("largest-contentful-paint", (e) => { seen.paint = e.startTime; });
document.addEventListener("tellerd:ready", () => { seen.ready = performance.now(); });
"""
COST = """
const loads = [...performance.getEntriesByType("navigation"),
    ...performance.getEntriesByType("resource")].filter(
        (e) => !e.name.endsWith(".svg"));
const script = loads.find((e) => e.name.endsWith("/widget.js"));
return {...seen, requests: loads.length,
    bytes: loads.reduce((sum, e) => sum + e.transferSize, 0),
    script: script.transferSize};
"""
OPEN = """
const [done] = arguments, from = performance.now();
tellerd.open();
requestAnimationFrame(() => setTimeout(() => done(performance.now() - from)));
"""
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8,
        "uploadThroughput": 750e3 / 8}
FREE = {"offline": False, "latency": 0, "downloadThroughput": -1,
        "uploadThroughput": -1}


def load(browser, path):
    """One first visit."""
    driver = browser.driver
    driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    driver.get(f"http://127.0.0.1:{browser.daemon.port}{path}")
    browser.run("sessionStorage.clear()")
    driver.get("about:blank")
    driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    driver.get(f"http://127.0.0.1:{browser.daemon.port}{path}")
    browser.wait(lambda: browser.run("return seen.ready > 0"), "widget")
    opening = browser.run_async(OPEN)
    browser.wait_starters()
    return {**browser.run(COST), "open": opening}


def show(what, found):
    def median(name):
        return statistics.median(f[name] for f in found)
    print(f"{what}: {median('requests'):.0f} requests, {median('bytes'):.0f} bytes, "
          f"of that the script {median('script'):.0f}; largest paint after "
          f"{median('paint'):.0f} ms, the widget after {median('ready'):.0f} ms, "
          f"open {median('open'):.0f} ms after a click; long tasks {median('long'):.0f}, "
          f"blocked {median('blocked'):.0f} ms; layout shift {median('shift'):.3f}")


def measure(browser, rounds):
    driver = browser.driver
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument",
                           {"source": WATCH})
    driver.execute_cdp_cmd("Network.enable", {})
    for speed, rate, network in (("here", 1, FREE), ("slow phone", 4, SLOW)):
        driver.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": rate})
        driver.execute_cdp_cmd("Network.emulateNetworkConditions", network)
        for what, path in (("help page", "/"), ("chat page", "/chat")):
            show(f"{what}, {speed}", [load(browser, path) for _ in range(rounds)])


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    if missing():
        print(f"skipped: {', '.join(missing())} is missing")
        return
    with open(f"{SOURCE}/etc/demo-banking.yaml") as f:
        daemon = Daemon(config=f.read())
    with daemon:
        daemon.start()
        browser = Browser(daemon)
        try:
            measure(browser, rounds)
        finally:
            browser.close()


main()
