using LlmdAspire.Router;

return await new RouterService().RunAsync(args);
