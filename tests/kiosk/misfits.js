// What does not fit on the page as it stands: texts that are cut or lie on each other, boxes that are fuller than they are,
// targets that a finger misses. Returns a line for each.
({ low, least, leastKey }) => {
  const found = [];
  const told = (one) => `${one.tagName.toLowerCase()}.${one.className?.baseVal ?? one.className} “${one.textContent.trim().slice(0, 24)}”`;
  const shown = [...document.querySelectorAll("body, body *:not(svg *)")].filter((one) => one.checkVisibility({ visibilityProperty: true }));
  const popover = document.querySelector(":popover-open");

  // A box is fuller than it is. Of fonts with high letters a line may stand out of its box by a little, which cuts nothing.
  for (const box of shown) {
    if (getComputedStyle(box).display === "inline" || box.tagName === "INPUT" || box.tagName === "svg") continue;
    const across = box.scrollWidth - box.clientWidth;
    const down = box.scrollHeight - box.clientHeight;
    if (across > 1 || down > parseFloat(getComputedStyle(box).fontSize) / 4) found.push(`${told(box)} is ${across}×${down} px too full`);
  }

  // A text leaves the glass, or lies on another.
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !parent.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    for (const { left, right, top, bottom } of range.getClientRects()) {
      // The letters stand in the middle of their line.
      const inset = (bottom - top) * 0.2;
      texts.push({ parent, left, right, top: top + inset, bottom: bottom - inset });
    }
  }
  const above = (one) => popover?.contains(one) || one.closest(".countdown");
  texts.forEach((one, place) => {
    if (one.left < -1 || one.right > innerWidth + 1 || one.top < 0 || one.bottom > innerHeight) found.push(`${told(one.parent)} leaves the glass`);
    for (const other of texts.slice(place + 1)) {
      if (one.parent === other.parent || !above(one.parent) !== !above(other.parent)) continue;
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (across > 2 && down > 2) found.push(`${told(one.parent)} lies on ${told(other.parent)}`);
    }
  });

  for (const target of shown.filter((one) => one.matches("button:not(:disabled), a, .sure"))) {
    const { left, right, top, bottom, width, height } = target.getBoundingClientRect();
    const need = target.classList.contains("key") ? leastKey : least;
    const inside = left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight;
    if (Math.min(width, height) < need || !inside || (low && top < innerHeight / 2)) {
      found.push(`${told(target)} is ${Math.round(width)}×${Math.round(height)} px at ${Math.round(left)}, ${Math.round(top)}`);
    }
  }
  return [...new Set(found)];
};
