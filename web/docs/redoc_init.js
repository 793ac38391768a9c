// Starts Redoc on our own document, with fonts that are already on the reader's machine.
const SYSTEM_FONT = 'system-ui, sans-serif';

window.Redoc.init(
  '/api/openapi.json',
  {
    hideDownloadButton: true,
    nativeScrollbars: true,
    expandResponses: '200',
    scrollYOffset: '.docs-bar',
    theme: {
      colors: { primary: { main: '#14525f' } },
      typography: {
        fontFamily: SYSTEM_FONT,
        headings: { fontFamily: SYSTEM_FONT },
        code: { fontFamily: 'ui-monospace, monospace' },
      },
    },
  },
  document.getElementById('documents'),
);
