namespace LlmdAspire.AppHost.Publish;

/// <summary>Says what was published and how to install it.</summary>
internal static class PublishReport
{
    // Where Aspire writes when no folder is given.
    private const string DefaultOutput = "aspire-output";

    /// <summary>Prints it after the step that writes the chart; Aspire's other steps speak for themselves.</summary>
    public static void Print(IDistributedApplicationBuilder builder, ClusterPlan plan)
    {
        if (builder.Configuration["Pipeline:Step"] != "publish")
        {
            return;
        }

        var folder = builder.Configuration["Pipeline:OutputPath"] is { Length: > 0 } path ? Path.GetFullPath(path) : Path.Combine(builder.AppHostDirectory, DefaultOutput);
        var files = Directory.GetFiles(folder, "*.yaml", SearchOption.AllDirectories).Length;
        Console.WriteLine(
            $"""
            Published preset {plan.Preset} as the Helm chart {plan.ChartName}: {files} files in {folder}
            kubectl create namespace {plan.Namespace}; kubectl -n {plan.Namespace} create secret generic {EnginePod.TokenSecret} --from-literal={EnginePod.TokenKey}="${EnginePod.TokenKey}"
            helm install {plan.ReleaseName} {folder} --namespace {plan.Namespace}
            """);
    }
}
