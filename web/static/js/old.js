/* Browsers without modules: say so, in the page's own words. ES5 only. */
(function () {
  var box = document.getElementById('old');
  var buttons = ['start', 'open-box'];
  if (box) box.removeAttribute('hidden');
  for (var i = 0; i < buttons.length; i++) {
    var dead = document.getElementById(buttons[i]);
    if (dead) dead.setAttribute('hidden', '');
  }
})();
