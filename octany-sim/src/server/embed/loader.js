(() => {
  'use strict';
  const base = new URL(document.currentScript.src).origin;
  const config = window.OctanyConfig || {};
  const key = `octany-cart-${config.id}`;
  const said = {};
  let products = {};

  const read = () => { try { return JSON.parse(localStorage.getItem(key)) || {}; } catch { return {}; } };
  let items = read();

  for (const [name, value] of new URLSearchParams(location.search)) {
    if (/^utm_(source|medium|campaign|content|term)$/.test(name)) said[name] = value;
  }

  const url = (path, options) => {
    const to = new URL(`${base}/checkout/${config.id}/${path}`);
    const all = { locale: config.locale, ...said, ...options };
    for (const [name, value] of Object.entries(all)) {
      if (value !== undefined && value !== null) to.searchParams.set(name, value);
    }
    return to.href;
  };
  const cartUrl = () => url('cart', {
    items: Object.entries(items).map(([id, pieces]) => `${id}:${pieces}`).join(','),
  });
  const snapshot = () => {
    const lines = Object.entries(items).map(([id, quantity]) => ({ id: Number(id), quantity, ...products[id] }));
    return { items: lines, total: lines.reduce((sum, line) => sum + (line.price || 0) * line.quantity, 0) };
  };

  const host = document.createElement('div');
  const shadow = host.attachShadow({ mode: 'open' });
  shadow.innerHTML = `
    <style>
      :host { all: initial; color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; --text: #1d2125; --card: #fff; --soft: #dde1e6; --line: #8a939d; --accent: #0b57d0; --on-accent: #fff; }
      @media (prefers-color-scheme: dark) { :host { --text: #e6e9ec; --card: #1e2226; --soft: #343a40; --line: #7d8791; --accent: #8ab4f8; --on-accent: #10233f; } }
      * { box-sizing: border-box; }
      button { min-height: 2.75rem; padding: 0 .875rem; font: inherit; border: 1px solid var(--line); border-radius: .375rem; background: var(--card); color: var(--text); cursor: pointer; }
      button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
      button:disabled { opacity: .6; cursor: default; }
      #fab, #pay { border-color: var(--accent); background: var(--accent); color: var(--on-accent); font-weight: 600; }
      #fab { position: fixed; right: 1rem; bottom: 1rem; min-height: 3rem; padding: 0 1.25rem; border-radius: 1.5rem; box-shadow: 0 2px 8px #0006; }
      #cart { position: fixed; inset: 0 0 0 auto; width: min(22rem, 100%); max-width: 100%; height: 100%; max-height: 100%; margin: 0; padding: 1.25rem; border: 0; border-left: 1px solid var(--line); overflow: auto; background: var(--card); color: var(--text); }
      #cart::backdrop { background: #0008; }
      h2 { margin: 0 0 1rem; font-size: 1.25rem; }
      ul { margin: 0; padding: 0; list-style: none; }
      li { display: flex; gap: .75rem; align-items: center; padding-block: .5rem; border-bottom: 1px solid var(--soft); }
      li span { flex: 1; overflow-wrap: anywhere; }
      #total { font-weight: 600; }
      #ways { display: flex; gap: .5rem; } #pay { flex: 1; }
      [hidden] { display: none !important; }
    </style>
    <button id="fab" type="button" aria-haspopup="dialog"></button>
    <dialog id="cart" aria-labelledby="title">
      <h2 id="title">Cart</h2><ul></ul><p id="total" role="status"></p>
      <div id="ways"><button id="pay" type="button">Checkout</button><button id="close" type="button">Close</button></div>
    </dialog>`;
  const find = (selector) => shadow.querySelector(selector);

  const show = () => {
    const cart = snapshot();
    const pieces = cart.items.reduce((sum, line) => sum + line.quantity, 0);
    find('#fab').textContent = `Cart (${pieces})`;
    find('ul').replaceChildren(...cart.items.map((line) => {
      const row = document.createElement('li');
      const what = document.createElement('span');
      what.textContent = `${line.name || line.id} × ${line.quantity}`;
      const remove = document.createElement('button');
      remove.type = 'button'; remove.textContent = 'Remove';
      remove.setAttribute('aria-label', `Remove ${line.name || line.id}`);
      remove.addEventListener('click', () => { delete items[line.id]; changed(); });
      row.append(what, remove);
      return row;
    }));
    const currency = cart.items.find((line) => line.currency)?.currency || '';
    find('#total').textContent = `Total: ${(cart.total / 100).toFixed(2)} ${currency}`;
    find('#pay').disabled = pieces === 0;
  };
  const changed = () => {
    localStorage.setItem(key, JSON.stringify(items));
    show();
    document.dispatchEvent(new CustomEvent('octany-cart-updated', { detail: { cart: snapshot() } }));
  };

  const cart = {
    add(id, quantity = 1) { items[id] = (items[id] || 0) + quantity; changed(); },
    open() { if (!find('#cart').open) find('#cart').showModal(); },
    close() { find('#cart').close(); },
    hide() { find('#fab').hidden = true; },
    checkout() { location.assign(cartUrl()); },
    requestCheckoutUrl() { return Promise.resolve(cartUrl()); },
  };
  window.Octany = {
    set(values) { Object.assign(said, values); },
    checkout(id, options = {}) { location.assign(url(`product/${id}`, options)); },
    cart,
  };

  find('#fab').addEventListener('click', cart.open);
  find('#close').addEventListener('click', cart.close);
  find('#pay').addEventListener('click', cart.checkout);
  const begin = async () => {
    document.body.append(host);
    try { products = await (await fetch(`${base}/embed/${config.id}/products`)).json(); } catch { /* Names are a luxury. */ }
    show();
    document.dispatchEvent(new CustomEvent('octany-cart-ready'));
  };
  if (document.body) begin(); else document.addEventListener('DOMContentLoaded', begin);
})();
