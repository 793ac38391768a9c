// What is folded on the screen and open on paper.

/** Paper shows the reported conditions and whatever else is folded, but of the rest what is open on the screen. */
function openForPrint() {
  for (const details of document.querySelectorAll('details:not([open])')) {
    if (details.closest('.also-considered')) continue;
    details.dataset.closedOnScreen = '';
    details.open = true;
  }
}

function closeAfterPrint() {
  for (const details of document.querySelectorAll('details[data-closed-on-screen]')) {
    delete details.dataset.closedOnScreen;
    details.open = false;
  }
}

export function openWhatIsFoldedOnPaper() {
  window.addEventListener('beforeprint', openForPrint);
  window.addEventListener('afterprint', closeAfterPrint);
}
