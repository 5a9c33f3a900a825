// Report page: the Print button, which does nothing without a script and is hidden until then.
'use strict';

(() => {
  const button = document.getElementById('print-report');
  button.hidden = false;
  button.addEventListener('click', () => window.print());
})();
