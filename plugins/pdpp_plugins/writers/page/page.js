"use strict";
(() => {
  const form = document.getElementById("filter");
  const found = document.getElementById("found");
  const search = document.getElementById("search");
  const scenarios = [...document.querySelectorAll("table.scenario")].map(table => {
    const results = [...table.querySelectorAll(".result")].map(cell => ({
      cell,
      verdict: cell.dataset.verdict,
      subject: `${cell.dataset.kind} ${cell.dataset.subject}`,
      cells: [],
    }));
    for (const row of table.tBodies[0].rows)
      [...row.querySelectorAll("td")].forEach((cell, at) => results[at].cells.push(cell));
    const section = table.closest(".requirement");
    const text = `${section.dataset.text} ${table.textContent}`.toLowerCase();
    return { table, section, results, text };
  });
  const total = scenarios.reduce((sum, each) => sum + each.results.length, 0);
  const chosen = name => new Set([...form.querySelectorAll(`[name=${name}]:checked`)].map(box => box.value));
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdicts = chosen("verdict"), subjects = chosen("subject");
    const shown = new Set();
    let count = 0;
    for (const { table, section, results, text } of scenarios) {
      const meant = words.every(word => text.includes(word));
      let here = 0;
      for (const { cell, verdict, subject, cells } of results) {
        const fits = meant && verdicts.has(verdict) && subjects.has(subject);
        for (const each of [cell, ...cells]) each.hidden = !fits;
        here += fits;
      }
      table.hidden = here === 0;
      if (here) shown.add(section);
      count += here;
    }
    for (const section of document.querySelectorAll(".requirement")) section.hidden = !shown.has(section);
    found.textContent = `${count} of ${total} results`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", event => event.preventDefault());
  form.hidden = false;
  document.addEventListener("keydown", event => {
    if (event.key === "/" && !event.target.closest("input")) {
      event.preventDefault();
      search.focus();
    }
  });
  apply();
})();
