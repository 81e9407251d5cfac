
// Search, the switch between light and dark, and keys. Without it every page can still be read.
"use strict";
(function () {
  var root = document.documentElement;
  var KEY = "badgateway-theme";

  // A browser may refuse to remember.
  function remembered() { try { return localStorage.getItem(KEY); } catch (refused) { return null; } }
  function remember(theme) { try { localStorage.setItem(KEY, theme); } catch (refused) { return; } }

  var theme = remembered();
  if (theme === "dark" || theme === "light") { root.dataset.theme = theme; }

  function dark() {
    return root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function switchable(button) {
    function label() { button.textContent = dark() ? "Light" : "Dark"; }
    button.addEventListener("click", function () {
      root.dataset.theme = dark() ? "light" : "dark";
      remember(root.dataset.theme);
      label();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
    label();
    button.hidden = false;
  }

  // As xtask/src/docs/index.rs cuts its words.
  function words(text) {
    return text.toLowerCase().split(/[^\p{L}\p{N}_.$-]+/u)
      .map(function (word) { return word.replace(/^[.-]+|[.-]+$/g, ""); })
      .filter(Boolean);
  }

  // How well a page fits: every word must begin one of its words or stand in its name.
  function weight(page, wanted) {
    var sum = page.id === wanted.join("-") ? 100 : 0;
    for (var word of wanted) {
      var title = page.title.toLowerCase();
      if (page.id.includes(word)) { sum += 10; }
      else if ((" " + title).includes(" " + word)) { sum += 5; }
      else if ((" " + page.words).includes(" " + word)) { sum += 1; }
      else { return 0; }
    }
    return sum;
  }

  function search(pages, text) {
    var wanted = words(text);
    if (!wanted.length) { return []; }
    return pages
      .map(function (page) { return { page: page, weight: weight(page, wanted) }; })
      .filter(function (found) { return found.weight; })
      .sort(function (a, b) { return b.weight - a.weight || a.page.id.localeCompare(b.page.id); })
      .map(function (found) { return found.page; });
  }

  function element(name, className, text) {
    return Object.assign(document.createElement(name), { className: className, textContent: text });
  }

  function entry(page) {
    var item = document.createElement("li");
    var link = element("a", "", page.id);
    link.href = page.path;
    item.append(link, element("span", "badge " + page.mark, page.mark), element("span", "text", page.title));
    return item;
  }

  function searchable(input) {
    var pages = JSON.parse(document.getElementById("index").textContent);
    var found = document.getElementById("found");
    var all = document.getElementById("all");
    function show() {
      var text = input.value.trim();
      var results = search(pages, text);
      found.hidden = !text;
      all.hidden = Boolean(text);
      found.querySelector("p").textContent = !text ? "" : results.length === 1 ? "1 page" : results.length + " pages";
      found.querySelector("ol").replaceChildren.apply(found.querySelector("ol"), results.map(entry));
    }
    input.addEventListener("input", show);
    input.value = new URLSearchParams(location.search).get("q") || "";
    if (input.value) { show(); input.focus(); }
  }

  function step(input, by) {
    var links = [input].concat(Array.from(document.querySelectorAll("#found a")));
    var next = links[links.indexOf(document.activeElement) + by];
    if (next && links.includes(document.activeElement)) { next.focus(); return true; }
    return false;
  }

  function keys(event, input) {
    var typing = document.activeElement === input;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) { return; }
    if (event.key === "/" && !typing) { input.focus(); input.select(); event.preventDefault(); }
    if (event.key === "ArrowDown" && step(input, 1)) { event.preventDefault(); }
    if (event.key === "ArrowUp" && step(input, -1)) { event.preventDefault(); }
    if (event.key === "Escape" && (typing || document.activeElement.closest("#found"))) {
      input.value = "";
      input.dispatchEvent(new Event("input"));
      input.focus();
    }
  }

  document.addEventListener("DOMContentLoaded", function () {
    var form = document.querySelector("form");
    var input = document.getElementById("search");
    switchable(document.getElementById("theme"));
    form.hidden = false;
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      var first = document.querySelector("#found a");
      if (first) { location.href = first.href; return; }
      if (document.getElementById("found")) { return; }
      location.href = document.body.dataset.home + "index.html?q=" + encodeURIComponent(input.value);
    });
    if (document.getElementById("found")) { searchable(input); }
    document.addEventListener("keydown", function (event) { keys(event, input); });
  });
})();
