// Page with new recovery codes: the buttons that copy and print them, which do nothing without a script and are hidden until then.
'use strict';

(() => {
  const announcement = document.getElementById('codes-announcement');
  const print = document.getElementById('print-codes');
  print.hidden = false;
  print.addEventListener('click', () => window.print());

  const copy = document.getElementById('copy-codes');
  copy.hidden = !navigator.clipboard;
  copy.addEventListener('click', async () => {
    const codes = Array.from(document.querySelectorAll('.codes code'), (code) => code.textContent);
    try {
      await navigator.clipboard.writeText(codes.join('\n'));
      announcement.textContent = 'The codes were copied. Paste them where only you can read them.';
    } catch {
      announcement.textContent = 'Your browser did not allow copying. Print or download the codes instead.';
    }
  });
})();
