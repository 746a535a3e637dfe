using Aspire.Hosting.Publishing;
using LlmdAspire.AppHost;
using LlmdAspire.AppHost.Publish;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

try
{
    var builder = DistributedApplication.CreateBuilder(args);

    var command = StackCommand.Read(args, builder.Configuration, builder.ExecutionContext.IsPublishMode);
    if (command.Options is not { } options)
    {
        return command.Print();
    }

    LlmdStack.Compose(builder, options);
    var hasPublished = false;
    builder.Eventing.Subscribe<AfterPublishEvent>((_, _) =>
    {
        hasPublished = true;
        return Task.CompletedTask;
    });
    await using var application = builder.Build();
    using var watch = ParentWatch.Start(application.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication);
    await application.RunAsync();
    if (!builder.ExecutionContext.IsPublishMode)
    {
        return Environment.ExitCode;
    }

    if (!hasPublished)
    {
        // Aspire has said why, and may leave the exit code at 0 all the same.
        return 1;
    }

    PublishReport.Print(builder, options.Cluster);
    return 0;
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
