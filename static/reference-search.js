// Exported reference: searches the entries of search-index.js as the site's search does, without a server.
// The index is a list of [data specification, kind, id, title, address, words in lower case].
'use strict';

(() => {
  const MOST_SHOWN = 50;
  const form = document.getElementById('search');
  const { q, pack } = form.elements;
  const packs = document.getElementById('packs');
  const found = document.getElementById('found');
  const rows = found.querySelector('tbody');
  const row = document.getElementById('found-row');
  const count = document.getElementById('found-count');

  // That of which the query is the id comes first.
  function search(query, chosen) {
    const words = query.split(' ');
    const matches = window.referenceIndex.filter(([name, , , , , text]) =>
      (!chosen || name === chosen) && words.every((word) => text.includes(word)));
    const isExact = ([, , id]) => [query, `-${query}`].includes(id.toLowerCase());
    return [...matches.filter(isExact), ...matches.filter((entry) => !isExact(entry))];
  }

  function tableRow([name, kind, id, title, address]) {
    const made = row.content.cloneNode(true);
    const link = made.querySelector('a');
    link.href = address;
    link.textContent = id;
    made.querySelector('.muted').textContent = `${kind}:`;
    made.querySelector('.entry__title').textContent = title;
    made.querySelector('.entry__pack').textContent = name;
    return made;
  }

  function countInWords(number, query) {
    if (number === 0) {
      return `Nothing matches “${query}”. Search for the id of an edit or an item, or for a part of it, or for fewer words.`;
    }
    const all = number === 1 ? '1 edit or item found.' : `${number.toLocaleString('en-US')} edits and items found.`;
    return number > MOST_SHOWN ? `${all} The first ${MOST_SHOWN} are shown; more words find fewer.` : all;
  }

  function show() {
    const query = q.value.trim().split(/\s+/).join(' ').toLowerCase();
    const isAsked = query !== '' || pack.value !== '';
    const matches = isAsked ? search(query, pack.value) : [];
    rows.replaceChildren(...matches.slice(0, MOST_SHOWN).map(tableRow));
    count.textContent = isAsked ? countInWords(matches.length, query) : '';
    found.hidden = matches.length === 0;
    packs.hidden = isAsked;
  }

  // So that the way back from an edit leads to what was found, and that it can be bookmarked.
  function remember() {
    const asked = new URLSearchParams([['q', q.value.trim()], ['pack', pack.value]].filter(([, value]) => value));
    const query = asked.toString();
    window.history.replaceState(null, '', query ? `?${query}` : window.location.pathname);
  }

  const asked = new URLSearchParams(window.location.search);
  q.value = asked.get('q') ?? '';
  pack.value = asked.get('pack') ?? '';
  // A name that is not there leaves the field without a choice.
  if (pack.selectedIndex < 0) {
    pack.value = '';
  }
  form.hidden = false;
  show();
  form.addEventListener('input', () => { show(); remember(); });
  form.addEventListener('submit', (event) => { event.preventDefault(); show(); remember(); });
})();
