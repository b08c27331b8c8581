// What the tests ask a page about itself. It comes into each page together with axe-core, by the browser's own tools:
// the page's Content-Security-Policy, which allows no script, does not bind those.
globalThis.looks = (() => {
  const controls = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  const brief = (one) => one.outerHTML.replace(/\s+/g, " ").slice(0, 120);
  const shown = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());

  // What axe-core finds, one sentence each. By levels, or by the names of single rules.
  async function barriers(kind, values) {
    const rules = kind === "tag" ? { "target-size": { enabled: true } } : {};
    const { violations, passes } = await axe.run(document, { runOnly: { type: kind, values }, rules });
    const why = ({ any, all, none }) => [...any, ...all, ...none].map((check) => check.message).join("; ");
    const found = violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 160)}: ${why(node)}`));
    return found.length || passes.length ? found : ["axe looked at nothing"];
  }

  // What makes the page wider than its window.
  function tooWide() {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const guilty = shown("body *").filter((one) => {
      const { left, right } = one.getBoundingClientRect();
      return right > clientWidth + 1 || left < -1;
    });
    return [`${scrollWidth} > ${clientWidth}: ${guilty.slice(-1).map(brief)}`];
  }

  // WCAG 2.2 2.5.8. A link within a sentence may be as small as its line; a box is hit on its label too.
  function tooSmall(least) {
    const isInSentence = (one) =>
      one.matches("a") && getComputedStyle(one).display === "inline" && one.closest("p, li, dd, td");
    return shown("a, button, input, select, textarea, summary, label.pick")
      .filter((one) => !one.matches(".skip, [aria-hidden=true]") && !isInSentence(one))
      .map((one) => [one, (one.closest("label") ?? one).getBoundingClientRect()])
      .filter(([, box]) => box.width > 0 && (box.width < least || box.height < least))
      .map(([one, box]) => `${Math.round(box.width)}×${Math.round(box.height)}: ${brief(one)}`);
  }

  // In the system's colours grounds are gone: what is told by its ground alone is told no longer. A line under the
  // words is enough for a button that looks like a link.
  function withoutEdge() {
    const sides = ["block-start", "block-end", "inline-start", "inline-end"];
    const isBare = (one) => {
      const style = getComputedStyle(one);
      const hasLine = sides.some((side) => style.getPropertyValue(`border-${side}-style`) !== "none");
      return !hasLine && !style.textDecorationLine.includes("underline");
    };
    const kinds = ["text", "password", "search"].map((type) => `input[type=${type}]`);
    return shown(["button", ".button", "select", ".problem", ".band", ...kinds].join()).filter(isBare).map(brief);
  }

  // What keeps its own colours where a person has chosen hers.
  function unforced() {
    return shown("body, body *").filter((one) => getComputedStyle(one).forcedColorAdjust === "none").map(brief);
  }

  // Numbers the stops of the Tab key in the order of the page; of radio buttons with one name one is a stop.
  function tabStops() {
    const isStop = (one) => {
      if (one.disabled || one.type === "hidden" || one.tabIndex < 0) return false;
      if (one.type !== "radio") return true;
      const group = [...document.querySelectorAll(`input[type=radio][name="${one.name}"]`)];
      return one === (group.find((each) => each.checked) ?? group[0]);
    };
    const stops = shown(controls).filter(isStop);
    stops.forEach((one, index) => { one.dataset.stop = index; });
    return stops.map(brief);
  }

  // Takes the focus to before the first control.
  function focusStart() {
    const start = document.createElement("span");
    start.tabIndex = -1;
    document.body.prepend(start);
    start.focus();
    start.remove();
  }

  // Which stop has the focus, whether it is marked, and whether it is in sight and under nothing else.
  function focused() {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    const within = (value, most) => Math.min(Math.max(value, 1), most - 1);
    const over = document.elementFromPoint(
      within(box.left + box.width / 2, innerWidth), within(box.top + box.height / 2, innerHeight));
    const isInside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    return {
      stop: Number(one.dataset.stop ?? -1),
      isMarked: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
      isInSight: isInside && (one.contains(over) || Boolean(over?.contains(one))),
      name: brief(one),
    };
  }

  // Whether Tab, coming from this stop, has only come to a part of it, or into a frame, which is no page of ours.
  function isWithin(stop) {
    const one = document.activeElement;
    return one.matches("iframe") || (one.matches("input[type=date]") && Number(one.dataset.stop) === stop);
  }

  return { barriers, tooWide, tooSmall, withoutEdge, unforced, tabStops, focusStart, focused, isWithin };
})();
