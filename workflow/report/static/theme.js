"use strict";
// Before the page is painted: the reader's own choice of light or dark, if there is one and it can be read.
(function () {
  var stored = null;
  try {
    stored = window.localStorage.getItem("qte-theme");
  } catch (error) {
    stored = null;
  }
  if (stored === "light" || stored === "dark") {
    document.documentElement.dataset.theme = stored;
  }
})();
