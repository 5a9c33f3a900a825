// Report page: the Print button, which does nothing without a script and is hidden until then. A page that was asked for
// in order to be printed is printed at once.
'use strict';

(() => {
  const button = document.getElementById('print-report');
  if (!button) return;
  button.hidden = false;
  button.addEventListener('click', () => window.print());
  if ('atOnce' in button.dataset) window.addEventListener('load', () => window.print());
})();
