using LlmdAspire.Epp;

return await new EppService().RunAsync(args);
