// Status page: say aloud what changed, and keep the title true.
'use strict';

(() => {
  const announcement = document.getElementById('status-announcement');
  let hadFocus = false;

  function follow() {
    const progress = document.getElementById('progress');
    if (!progress) return;
    // What had the focus may be gone; without it the keyboard would begin anew at the top of the page.
    if (hadFocus && document.activeElement === document.body) progress.focus();
    document.title = progress.dataset.title;
    // Only what is new: the numbers change every second, the state twice.
    if (announcement.textContent !== progress.dataset.announcement) {
      announcement.textContent = progress.dataset.announcement;
    }
  }

  // What is being pressed stays until it is let go, or the press would come to nothing; the next answer is a second away.
  document.addEventListener('htmx:beforeSwap', (event) => {
    if (event.detail.target.querySelector(':active')) event.detail.shouldSwap = false;
    hadFocus = event.detail.target.contains(document.activeElement);
  });

  document.addEventListener('htmx:afterSettle', follow);
})();
