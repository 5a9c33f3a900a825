// Ticking all boxes of a table at once. Without this script they are ticked one by one.
'use strict';

for (const button of document.querySelectorAll('[data-pick-all]')) {
  const boxes = button.form.querySelectorAll(`input[type="checkbox"][name="${button.dataset.pickAll}"]`);
  button.hidden = boxes.length < 2;
  button.addEventListener('click', () => {
    for (const box of boxes) box.checked = true;
  });
}
