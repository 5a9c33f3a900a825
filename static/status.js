// Status page: say aloud what changed, and keep the title true.
'use strict';

(() => {
  const announcement = document.getElementById('status-announcement');

  function follow() {
    const progress = document.getElementById('progress');
    if (!progress) return;
    document.title = progress.dataset.title;
    // Only what is new: the numbers change every second, the state twice.
    if (announcement.textContent !== progress.dataset.announcement) {
      announcement.textContent = progress.dataset.announcement;
    }
  }

  document.addEventListener('htmx:afterSettle', follow);
})();
