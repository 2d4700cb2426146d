"use strict";
// Everything here adds to pages that say all they have to say without it.
(function () {
  const root = document.documentElement;

  function each(selector, within, what) {
    within.querySelectorAll(selector).forEach(what);
  }

  // ---- light and dark ----

  function isDark() {
    const chosen = root.dataset.theme;
    return chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  }

  each("[data-theme-switch]", document, function (button) {
    const word = button.querySelector("[data-theme-word]");
    function show() {
      word.textContent = isDark() ? "Light" : "Dark";
      button.setAttribute("aria-label", "Switch to " + word.textContent.toLowerCase() + " colours");
    }
    button.hidden = false;
    button.addEventListener("click", function () {
      root.dataset.theme = isDark() ? "light" : "dark";
      try {
        window.localStorage.setItem("qte-theme", root.dataset.theme);
      } catch (error) {
        // Not kept for the next page: nothing else depends on it.
      }
      show();
    });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
    show();
  });

  // ---- zoom ----

  each("[data-zoom]", document, function (zoom) {
    const bar = zoom.querySelector(".zoom-bar");
    const box = zoom.querySelector(".zoom-box");
    const image = box.querySelector("img");
    const now = zoom.querySelector("[data-zoom-now]");
    let level = 1;

    // `x`, `y`: the point of the box that stays where it is.
    function to(wanted, x, y) {
      const before = level;
      level = Math.min(8, Math.max(1, wanted));
      const left = (box.scrollLeft + x) * (level / before) - x;
      const top = (box.scrollTop + y) * (level / before) - y;
      image.style.width = level * 100 + "%";
      box.scrollLeft = left;
      box.scrollTop = top;
      box.classList.toggle("zoomed", level > 1);
      now.textContent = Math.round(level * 100) + " %";
    }

    function by(what) {
      const steps = { in: level * 1.25, out: level / 1.25, fit: 1 };
      to(steps[what], box.clientWidth / 2, box.clientHeight / 2);
    }

    bar.hidden = false;
    each("[data-zoom-by]", bar, function (button) {
      button.addEventListener("click", function () { by(button.dataset.zoomBy); });
    });
    box.addEventListener("keydown", function (event) {
      const what = { "+": "in", "=": "in", "-": "out", "0": "fit" }[event.key];
      if (what && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        by(what);
      }
    });
    box.addEventListener("wheel", function (event) {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const frame = box.getBoundingClientRect();
      to(level * Math.exp(-event.deltaY / 300), event.clientX - frame.left, event.clientY - frame.top);
    }, { passive: false });
    box.addEventListener("dblclick", function (event) {
      const frame = box.getBoundingClientRect();
      to(level > 1 ? 1 : 2.5, event.clientX - frame.left, event.clientY - frame.top);
    });
    box.addEventListener("pointerdown", function (event) {
      if (event.pointerType !== "mouse" || event.button !== 0 || level === 1) return;
      box.setPointerCapture(event.pointerId);
      box.classList.add("dragged");
    });
    box.addEventListener("pointermove", function (event) {
      if (!box.classList.contains("dragged")) return;
      box.scrollLeft -= event.movementX;
      box.scrollTop -= event.movementY;
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      box.addEventListener(name, function () { box.classList.remove("dragged"); });
    });
  });

  // ---- what is too wide ----

  // A box that scrolls can be reached with the keyboard; one that need not is no stop on the way.
  const boxes = new ResizeObserver(function (changes) {
    changes.forEach(function (change) {
      const box = change.target;
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    });
  });
  each(".scroll, .formula, pre", document, function (box) { boxes.observe(box); });

  // ---- filters ----

  // What a form asks for stands in the page's address, so that a link, or the way back, asks for the same.
  function recall(form) {
    new URLSearchParams(location.search).forEach(function (value, name) {
      each("[name='" + CSS.escape(name) + "']", form, function (field) {
        if (field.type !== "checkbox") field.value = value;
        else if (field.value === value) field.checked = !field.defaultChecked;
      });
    });
  }

  function keep(form) {
    const asked = new URLSearchParams();
    Array.from(form.elements).forEach(function (field) {
      const differs = field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value;
      if (field.name && differs) asked.append(field.name, field.value);
    });
    const query = asked.toString();
    history.replaceState(null, "", location.pathname + (query ? "?" + query : "") + location.hash);
  }

  // Shows the items that `fits` accepts, hides groups without any, and says how many there are.
  function filter(region, items, word, fits) {
    const form = region.querySelector("form.filters");
    const found = region.querySelector("[data-found]");
    recall(form);
    function apply() {
      let shown = 0;
      keep(form);
      items.forEach(function (item) {
        item.hidden = !fits(item, new FormData(form));
        shown += item.hidden ? 0 : 1;
      });
      each("[data-group]", region, function (group) {
        group.hidden = !items.some(function (item) { return !item.hidden && group.contains(item); });
      });
      found.textContent = shown === items.length ? items.length + " " + word
        : shown + " of " + items.length + " " + word;
    }
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("change", apply);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("reset", function () { setTimeout(apply, 0); });
    apply();
    return { form: form, apply: apply };
  }

  // T_h and Th are the same to a search: a page shows the first as a letter with an index.
  function plain(text) {
    return String(text || "").toLowerCase().replace(/_/g, "");
  }

  // Every word that is searched for must be there, in any order.
  function says(text, wanted) {
    return plain(wanted).split(/\s+/).every(function (word) { return text.includes(word); });
  }

  // "Fig. 3", "figure 3" and "fig3" are one word.
  function terms(text) {
    const joined = String(text).toLowerCase().replace(/\bfig(?:ure|\.)?\s*(\d\w*)/g, "figure$1");
    return joined.split(/[^\p{L}\p{N}_]+/u).filter(Boolean);
  }

  // Which cards say all that is searched for: whole words, their beginnings, and near misspellings of long ones.
  function searching(cards) {
    const index = new MiniSearch({
      fields: ["text"],
      tokenize: terms,
      processTerm: plain,
      searchOptions: {
        combineWith: "AND",
        prefix: function (term) { return term.length > 2; },
        fuzzy: function (term) { return term.length > 4 && !/\d/.test(term) ? 0.2 : false; },
      },
    });
    index.addAll(cards.map(function (card, id) { return { id: id, text: card.dataset.search }; }));
    return function (wanted) {
      if (!terms(wanted || "").length) return null;
      return new Set(index.search(wanted).map(function (hit) { return cards[hit.id]; }));
    };
  }

  each("[data-gallery]", document, function (region) {
    const cards = Array.from(region.querySelectorAll("[data-card]"));
    const search = searching(cards);
    let wanted = null;
    let hits = null;
    filter(region, cards, "figures", function (card, asked) {
      const has = ["paper", "machine", "quantity"].every(function (name) {
        return !asked.get(name) || card.dataset[name].split("|").includes(asked.get(name));
      });
      const verdicts = card.dataset.verdict.split("|");
      const judged = asked.getAll("verdict").every(function (name) { return verdicts.includes(name); });
      if (asked.get("search") !== wanted) {
        wanted = asked.get("search");
        hits = search(wanted);
      }
      return has && judged && (!hits || hits.has(card));
    });
  });

  each("[data-ledger]", document, function (region) {
    const entries = Array.from(region.querySelectorAll("[data-entry]"));
    const texts = new Map(entries.map(function (entry) {
      return [entry, plain(entry.id + " " + entry.textContent)];
    }));
    const made = filter(region, entries, "entries", function (entry, asked) {
      return asked.getAll("verdict").includes(entry.dataset.verdict)
        && (!asked.get("kind") || asked.get("kind") === entry.dataset.kind)
        && says(texts.get(entry), asked.get("search"));
    });
    // A link to an entry that the filter hides shows it.
    window.addEventListener("hashchange", function () {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (target && target.closest("[hidden]")) {
        made.form.reset();
        setTimeout(function () { target.scrollIntoView(); }, 10);
      }
    });
  });
})();
