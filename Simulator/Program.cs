using LlmdAspire.Simulator;

return await new SimulatorService().RunAsync(args);
