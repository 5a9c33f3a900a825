// Ticking all boxes of a table at once. Without this script they are ticked one by one.
'use strict';

(() => {
  const boxes = (button) => button.form.querySelectorAll(`input[type="checkbox"][name="${button.dataset.pickAll}"]`);

  function offer() {
    for (const button of document.querySelectorAll('[data-pick-all]')) button.hidden = boxes(button).length < 2;
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-pick-all]');
    if (!button) return;
    for (const box of boxes(button)) box.checked = true;
  });
  document.addEventListener('htmx:afterSettle', offer); // another table has come
  offer();
})();
