
// Adds what is convenient: sorting, filters, and buttons that copy. Without it nothing is missing.
"use strict";
(function () {
  function element(name, properties) {
    return Object.assign(document.createElement(name), properties);
  }

  function value(row, column) {
    var cell = row.cells[column];
    return cell.dataset.sort || cell.textContent.trim();
  }

  function compare(a, b) {
    var x = Number(a), y = Number(b);
    return isNaN(x) || isNaN(y) ? a.localeCompare(b) : x - y;
  }

  function sortBy(table, head, column) {
    var up = head.getAttribute("aria-sort") === "descending";
    table.querySelectorAll("thead th").forEach(function (other) {
      other.removeAttribute("aria-sort");
    });
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    var body = table.tBodies[0];
    var rows = Array.from(body.rows);
    rows.sort(function (a, b) {
      var order = compare(value(a, column), value(b, column));
      return up ? order : -order;
    });
    rows.forEach(function (row) { body.appendChild(row); });
  }

  function filter(table) {
    var name = table.caption.textContent;
    var box = element("label", { className: "filter", textContent: "Filter" });
    var input = element("input", { type: "search" });
    var told = element("span", { className: "quiet" });
    input.setAttribute("aria-label", "Filter: " + name);
    told.setAttribute("role", "status");
    input.addEventListener("input", function () {
      var wanted = input.value.toLowerCase();
      var rows = Array.from(table.tBodies[0].rows);
      rows.forEach(function (row) {
        row.hidden = !row.textContent.toLowerCase().includes(wanted);
      });
      var left = rows.filter(function (row) { return !row.hidden; }).length;
      told.textContent = wanted ? left + " of " + rows.length : "";
    });
    box.append(input, told);
    table.before(box);
  }

  document.querySelectorAll("table").forEach(function (table) {
    if (table.tBodies[0].rows.length > 8) { filter(table); }
    if (table.tBodies[0].rows.length < 2) { return; }
    table.querySelectorAll("thead th").forEach(function (head, column) {
      var button = element("button", { type: "button", textContent: head.textContent });
      button.addEventListener("click", function () { sortBy(table, head, column); });
      head.replaceChildren(button);
    });
  });

  document.querySelectorAll("pre").forEach(function (pre) {
    var button = element("button", { type: "button", className: "tool", textContent: "Copy" });
    button.setAttribute("aria-label", "Copy the " + pre.getAttribute("aria-label"));
    button.addEventListener("click", function () {
      function select() {
        var range = document.createRange();
        range.selectNodeContents(pre);
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        button.textContent = "Selected";
      }
      if (!navigator.clipboard) { return select(); }
      navigator.clipboard.writeText(pre.textContent).then(function () {
        button.textContent = "Copied";
      }, select);
    });
    pre.after(button);
  });
})();
