// Every page with htmx: what was typed into a part of the page that is exchanged, before or since the server was asked, stays.
'use strict';

(() => {
  const FIELDS = ['input:not([type="hidden"], [type="checkbox"], [type="radio"])', 'select', 'textarea']
    .map((field) => `[data-keeps-typed] ${field}`).join();
  const typed = new Map();

  document.addEventListener('htmx:beforeSwap', () => {
    for (const field of document.querySelectorAll(FIELDS)) typed.set(field.id, field.value);
  });
  document.addEventListener('htmx:afterSwap', () => {
    for (const field of document.querySelectorAll(FIELDS)) {
      if (typed.has(field.id) && field.value !== typed.get(field.id)) field.value = typed.get(field.id);
    }
  });
})();
