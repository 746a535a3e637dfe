using Aspire.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Says that this build does not publish, where an AppHost is asked to.</summary>
internal static class PublishRefusal
{
    public static void ExitIfPublishing(DistributedApplication app)
    {
        if (!app.Services.GetRequiredService<DistributedApplicationExecutionContext>().IsPublishMode)
        {
            return;
        }

        Console.Error.WriteLine(Message(app.Services.GetRequiredService<IConfiguration>()["Publishing:Publisher"]));
        Environment.Exit(2);
    }

    internal static string Message(string? publisher) => publisher is { Length: > 0 }
        ? $"The publisher '{publisher}' is part of the Aspire packages; build with -p:AspireHosting=Packages to use it."
        : "Publishing needs the Aspire packages; build with -p:AspireHosting=Packages to publish.";
}
