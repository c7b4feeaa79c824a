// What WCAG 2.2 AA and our docs ask for and axe does not see: answers a sentence for each thing that is wrong.
() => {
  const wrong = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".unseen");
  const named = (element) => {
    const text = element.textContent.trim().slice(0, 40);
    return `<${element.localName}${element.id && `#${element.id}`}> "${text}"`;
  };

  // The edges of what can be used

  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const over = (colour, below) => {
    canvas.fillStyle = below;
    canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return `rgb(${[...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).join(" ")})`;
  };
  const paper = matchMedia("(prefers-color-scheme: dark)").matches ? "black" : "white";
  const behind = (element) =>
    over(getComputedStyle(element).backgroundColor, element.parentElement ? behind(element.parentElement) : paper);
  const luminance = (colour) => {
    const parts = colour.match(/[\d.]+/g).map((part) => part / 255);
    const [r, g, b] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  for (const control of all("input:not([type=hidden], [type=radio]), select, button:not(.quiet)").filter(isShown)) {
    const outside = behind(control.parentElement);
    const edge = contrast(over(getComputedStyle(control).borderTopColor, outside), outside);
    const fill = contrast(behind(control), outside);
    if (Math.max(edge, fill) < 3) wrong.push(`The edge of ${named(control)} has a contrast of ${edge.toFixed(2)}`);
  }

  // Labels that are seen, purposes that are told, groups, a live region

  for (const control of all("input:not([type=hidden]), select").filter(isShown)) {
    const [label] = control.labels;
    if (!label || !isShown(label) || !label.textContent.trim()) wrong.push(`${named(control)} has no visible label`);
    if (control.type !== "radio" && !control.autocomplete) wrong.push(`${control.id} does not say what it is for`);
    if (!control.name || !control.id) wrong.push(`${named(control)} has no stable name`);
  }
  for (const radio of all("[type=radio]")) {
    if (!radio.closest("fieldset:has(legend), [role=group][aria-labelledby]")) wrong.push(`${radio.id} stands in no group`);
  }
  if (!document.querySelector("[role=status]")) wrong.push("There is no live region");

  // Targets, also where axe forgives small ones because there is room around them

  for (const control of all("a, button, input:not([type=hidden]), select, summary").filter(isShown)) {
    const target = (control.type === "radio" ? control.labels[0] : control).getBoundingClientRect();
    if (target.width < 24 || target.height < 24) wrong.push(`${named(control)} is ${target.width} by ${target.height}`);
  }

  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) wrong.push(`The page is ${scrollWidth} wide`);
  return wrong;
}
