// What is wrong with a page that is laid out from the right: parts beyond its edges, and parts upon each other.
() => {
  // What stays in sight, or is scrolled by itself, may lie over what it hides.
  const floats = (each) => {
    if (!each || each === document.body) return false;
    const { position, overflowY } = getComputedStyle(each);
    return ["sticky", "fixed"].includes(position) || ["auto", "scroll"].includes(overflowY) || floats(each.parentElement);
  };
  const parts = [...document.querySelectorAll("a, button, input:not([type=radio]), select, summary, label, h1, h2, p, th, td, dt, dd, code, img")]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest(".unseen, svg") && !floats(each))
    .map((each) => [each, each.getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && box.height > 1);
  const name = (each) => `${each.localName}#${each.id} ${each.textContent.trim().slice(0, 30)}`;
  const beyond = parts.filter(([, box]) => box.left < -1 || box.right > innerWidth + 1).map(([each]) => `beyond: ${name(each)}`);
  const across = (one, other) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > 2 &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 2;
  const upon = parts.flatMap(([one, box], place) => parts.slice(place + 1)
    .filter(([other, its]) => !one.contains(other) && !other.contains(one) && across(box, its))
    .map(([other]) => `upon each other: ${name(one)} and ${name(other)}`));
  const { scrollWidth } = document.documentElement;
  return [...beyond, ...upon, ...(scrollWidth > innerWidth ? [`${scrollWidth} wide`] : [])];
}
