/* Browsers without modules: say so, in the page's own words. ES5 only. */
(function () {
  var box = document.getElementById('old');
  if (box) box.removeAttribute('hidden');
})();
