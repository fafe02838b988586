(() => {
  const main = document.querySelector('main');
  const every = Number(main.dataset.every);
  const longest = Math.max(every, 30000);
  let timer, failures = 0, over = main.dataset.state !== 'waiting', asking = false;

  const show = (state) => {
    over = true;
    main.querySelector('.wheel').hidden = true;
    for (const part of main.querySelectorAll('[data-in]')) {
      part.hidden = !part.dataset.in.split(' ').includes(state);
    }
  };

  // What time remains until the next question is not waited for while nobody looks.
  const ask = async () => {
    if (over || asking || document.hidden) return;
    clearTimeout(timer);
    asking = true;
    try {
      const answer = await fetch(main.dataset.status, {
        headers: { accept: 'application/json' },
        cache: 'no-store',
        redirect: 'manual',
        signal: AbortSignal.timeout(20000),
      });
      // Signed out meanwhile, by the app's own sign-in or by ours.
      if (answer.status === 401 || answer.type === 'opaqueredirect') return location.reload();
      if (!answer.ok) throw new Error(answer.status);
      const told = await answer.json();
      failures = 0;
      if (told.ready) {
        show('ready');
        return location.replace(told.redirect);
      }
      if (told.slow) return show('slow');
    } catch {
      failures += 1;
      if (failures > 8) return show('slow');
    } finally {
      asking = false;
    }
    timer = setTimeout(ask, Math.min(every * 2 ** failures, longest));
  };

  document.addEventListener('visibilitychange', ask);
  timer = setTimeout(ask, every);
})();
