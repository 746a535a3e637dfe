using LlmdAspire.AppHost;
using LlmdAspire.AppHost.Publish;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

try
{
    var builder = DistributedApplication.CreateBuilder(args);

    var command = StackCommand.Read(args, builder.Configuration);
    if (command.Options is not { } options)
    {
        return command.Print();
    }

    LlmdStack.Compose(builder, options);
    await using var application = builder.Build();
    using var watch = ParentWatch.Start(application.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication);
    await application.RunAsync();
    if (builder.ExecutionContext.IsPublishMode && Environment.ExitCode == 0)
    {
        PublishReport.Print(builder, options.Cluster);
    }

    return Environment.ExitCode;
}
catch (DistributedApplicationException mistake)
{
    Console.Error.WriteLine(mistake.Message);
    return 2;
}
catch (InvalidDataException mistake)
{
    // A configuration file that cannot be read; what is wrong with it is said by the exception inside.
    Console.Error.WriteLine($"{mistake.Message} {mistake.GetBaseException().Message}".ReplaceLineEndings(" "));
    return 2;
}
