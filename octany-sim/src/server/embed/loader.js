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
      :host { all: initial; font: 1rem/1.5 system-ui, sans-serif; color: #1d2125; }
      #fab { position: fixed; right: 1rem; bottom: 1rem; min-height: 3rem; padding: 0 1rem; border: 0; border-radius: 1.5rem; background: #0b57d0; color: #fff; font: inherit; cursor: pointer; }
      #cart { position: fixed; inset: 0 0 0 auto; width: min(22rem, 100%); padding: 1rem; overflow: auto; background: #fff; border: 0; border-left: 1px solid #8a939d; box-sizing: border-box; height: 100%; max-height: 100%; margin: 0 0 0 auto; color: inherit; }
      li { margin-block: .5rem; } ul { padding: 0; list-style: none; }
      button.plain { min-height: 2.75rem; padding: 0 .875rem; font: inherit; border: 1px solid #8a939d; border-radius: .375rem; background: #fff; color: inherit; cursor: pointer; }
      button:focus-visible { outline: 3px solid #0b57d0; outline-offset: 2px; }
      [hidden] { display: none !important; }
    </style>
    <button id="fab" type="button" aria-haspopup="dialog"></button>
    <dialog id="cart" aria-labelledby="title">
      <h2 id="title">Cart</h2><ul></ul><p id="total" role="status"></p>
      <button class="plain" id="pay" type="button">Checkout</button>
      <button class="plain" id="close" type="button">Close</button>
    </dialog>`;
  const find = (selector) => shadow.querySelector(selector);

  const show = () => {
    const cart = snapshot();
    const pieces = cart.items.reduce((sum, line) => sum + line.quantity, 0);
    find('#fab').textContent = `Cart (${pieces})`;
    find('ul').replaceChildren(...cart.items.map((line) => {
      const row = document.createElement('li');
      row.textContent = `${line.name || line.id} × ${line.quantity} `;
      const remove = document.createElement('button');
      remove.type = 'button'; remove.className = 'plain'; remove.textContent = 'Remove';
      remove.setAttribute('aria-label', `Remove ${line.name || line.id}`);
      remove.addEventListener('click', () => { delete items[line.id]; changed(); });
      row.append(remove);
      return row;
    }));
    find('#total').textContent = `Total: ${(cart.total / 100).toFixed(2)}`;
    find('#pay').disabled = pieces === 0;
  };
  const changed = () => {
    localStorage.setItem(key, JSON.stringify(items));
    show();
    document.dispatchEvent(new CustomEvent('octany-cart-updated', { detail: { cart: snapshot() } }));
  };

  const cart = {
    add(id, quantity = 1) { items[id] = (items[id] || 0) + quantity; changed(); },
    open() { host.hidden = false; if (!find('#cart').open) find('#cart').showModal(); },
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
