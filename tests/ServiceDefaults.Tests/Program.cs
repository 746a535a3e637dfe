using LlmdAspire.ServiceDefaults.Tests.Tiny;

// The tests start this very program again as a real service process.
if (args is ["tiny-service", .. var rest])
{
    return await new TinyService().RunAsync(rest);
}

return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
