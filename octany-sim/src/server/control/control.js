// Shows what changed, once a second, and leaves alone what somebody is typing in.
(() => {
  'use strict';
  const live = document.getElementById('live');
  let last = '';
  const refresh = async () => {
    if (document.hidden || live.contains(document.activeElement) && document.activeElement.matches('input')) return;
    try {
      const response = await fetch('/control/main');
      if (!response.ok) return;
      const text = await response.text();
      if (text === last) return;
      last = text;
      const open = [...live.querySelectorAll('details[open]')].map((it) => it.id);
      const focused = document.activeElement && live.contains(document.activeElement)
        ? document.activeElement.getAttribute('aria-label') || document.activeElement.value : null;
      live.innerHTML = text;
      for (const id of open) document.getElementById(id)?.setAttribute('open', '');
      if (focused) [...live.querySelectorAll('button')].find((it) => (it.getAttribute('aria-label') || it.value) === focused)?.focus();
    } catch { /* The simulator is gone; it may come back. */ }
  };
  setInterval(refresh, 1000);
})();
