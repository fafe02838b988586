// Shows what changed, once a second. What stays keeps its focus, its selection and what was typed.
(() => {
  'use strict';
  const live = document.getElementById('live');

  const update = (old, fresh) => {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== Node.ELEMENT_NODE || old.nodeName !== fresh.nodeName || old.id !== fresh.id) {
      old.replaceWith(fresh);
      return;
    }
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    updateChildren(old, fresh);
  };

  // Rows and deliveries have ids; everything else keeps its place.
  const updateChildren = (old, fresh) => {
    const known = new Map([...old.children].filter((it) => it.id).map((it) => [it.id, it]));
    let at = old.firstChild;
    for (const child of [...fresh.childNodes]) {
      const same = child.id ? known.get(child.id) : at && !at.id ? at : null;
      if (same && same === at) at = at.nextSibling;
      else old.insertBefore(same || child, at);
      if (same) update(same, child);
    }
    while (at) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
  };

  const refresh = async () => {
    if (document.hidden) return;
    try {
      const response = await fetch('/control/main');
      if (!response.ok) return;
      const fresh = document.createElement('template');
      fresh.innerHTML = await response.text();
      updateChildren(live, fresh.content);
    } catch { /* The simulator is gone; it may come back. */ }
  };
  setInterval(refresh, 1000);
})();
