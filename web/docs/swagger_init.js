// Starts Swagger UI on our own document. `validatorUrl: null` keeps it from sending the document to a validator elsewhere.
window.SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#documents',
  validatorUrl: null,
  deepLinking: true,
  defaultModelsExpandDepth: 1,
  displayRequestDuration: true,
  tryItOutEnabled: true,
});
