// A button that shows the password which is typed, and hides it again before the form is sent.
'use strict';

for (const button of document.querySelectorAll('[data-shows]')) {
  const input = document.getElementById(button.dataset.shows);

  const show = (shown) => {
    input.type = shown ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(shown));
  };

  button.hidden = false;
  button.addEventListener('click', () => show(input.type === 'password'));
  // Browsers remember what was typed into text fields.
  input.form.addEventListener('submit', () => show(false));
}
