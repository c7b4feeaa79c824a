// What WCAG 2.2 AA asks for and a program can check: answers a list of sentences, one for each thing that is wrong.
() => {
  const wrong = [];
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".unseen");
  const named = (element) => {
    const text = element.textContent.trim().slice(0, 40);
    return `<${element.localName}${element.id && `#${element.id}`}> "${text}"`;
  };

  // Colours

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
  const demand = (least, colour, background, what) => {
    const found = contrast(over(colour, background), background);
    if (found < least) wrong.push(`${what} has a contrast of ${found.toFixed(2)}, not ${least}`);
  };

  for (const element of all("body *")) {
    const says = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!says || !isShown(element) || element.localName === "option") continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    demand(isLarge ? 3 : 4.5, style.color, behind(element), named(element));
  }
  for (const field of all("input:not([type=hidden], [type=radio]), select").filter(isShown)) {
    demand(4.5, getComputedStyle(field).color, behind(field), `What is typed into ${field.id}`);
  }
  for (const control of all("input:not([type=hidden], [type=radio]), select, button:not(.quiet)").filter(isShown)) {
    const style = getComputedStyle(control);
    const outside = behind(control.parentElement);
    const edge = contrast(over(style.borderTopColor, outside), outside);
    const fill = contrast(behind(control), outside);
    if (Math.max(edge, fill) < 3) wrong.push(`The edge of ${named(control)} has a contrast of ${edge.toFixed(2)}`);
  }

  // Names, labels and what belongs together

  const ids = all("[id]").map((element) => element.id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) wrong.push(`There are two of #${id}`);
  for (const attribute of ["aria-describedby", "aria-labelledby", "for"]) {
    for (const element of all(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(" ")) {
        if (!document.getElementById(id)) wrong.push(`${named(element)} refers to #${id}, which is not there`);
      }
    }
  }
  for (const control of all("input:not([type=hidden]), select").filter(isShown)) {
    const [label] = control.labels;
    if (!label || !isShown(label) || !label.textContent.trim()) wrong.push(`${named(control)} has no visible label`);
    if (control.type !== "radio" && !control.autocomplete) wrong.push(`${control.id} does not say what it is for`);
    if (!control.name || !control.id) wrong.push(`${named(control)} has no stable name`);
  }
  for (const control of all("a, button, summary").filter(isShown)) {
    const text = control.textContent.trim();
    const label = control.getAttribute("aria-label") ?? text;
    if (!label || !label.toLowerCase().includes(text.toLowerCase())) wrong.push(`${named(control)} is called "${label}"`);
  }
  for (const radio of all("[type=radio]")) {
    if (!radio.closest("fieldset")?.querySelector("legend")) wrong.push(`${radio.id} stands in no group`);
  }
  for (const picture of all("svg, img")) {
    const isExplained = picture.closest("[aria-hidden=true], [role=img][aria-label], [alt]");
    if (!isExplained) wrong.push(`A picture in ${named(picture.parentElement)} says nothing`);
  }

  // The page as a whole

  if (!document.documentElement.lang || !document.title) wrong.push("The page has no language or no title");
  if (all("main").length !== 1 || all("h1").length !== 1) wrong.push("There is not one main part, or not one heading");
  let level = 0;
  for (const heading of all("main :is(h1, h2, h3)").filter(isShown)) {
    if (heading.localName[1] - level > 1) wrong.push(`${named(heading)} skips a level`);
    level = Number(heading.localName[1]);
  }
  if (!document.querySelector("[role=status]")) wrong.push("There is no live region");
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) wrong.push(`The page is ${scrollWidth} wide`);
  for (const control of all("a, button, input:not([type=hidden]), select, summary").filter(isShown)) {
    const target = (control.type === "radio" ? control.labels[0] : control).getBoundingClientRect();
    if (target.width < 24 || target.height < 24) wrong.push(`${named(control)} is ${target.width} by ${target.height}`);
  }
  return wrong;
}
