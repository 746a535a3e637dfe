using System.Text.Json;

namespace LlmdAspire.AppHost;

/// <summary>The resources of a run that have an address, in the order of the model.</summary>
internal sealed class ResourceList
{
    private const string PidProperty = "executable.pid";
    private const string AspireDashboardName = "aspire-dashboard";
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    public ResourceList(DistributedApplicationModel model) =>
        All = [.. model.Resources
            .Where(resource => resource is ProjectResource or ContainerResource && resource.Name != AspireDashboardName)
            .Cast<IResourceWithEndpoints>()
            .Select(resource => new ListedResource(resource.Name, [.. resource.GetEndpoints().Where(endpoint => endpoint.IsAllocated).Select(endpoint => endpoint.Url)]))
            .Where(resource => resource.Urls.Count > 0)];

    public IReadOnlyList<ListedResource> All { get; }

    /// <summary>The one that clients talk to.</summary>
    public ListedResource Router => All.First(resource => resource.Name == StackNames.Router);

    /// <summary>Writes the list as JSON and writes it again whenever a process identifier changes; nothing when <paramref name="path"/> is null.</summary>
    /// <returns>Completes when every resource has run or failed to, or when the file cannot be written; keeps it current until <paramref name="stopping"/>.</returns>
    public Task KeepFileAsync(string? path, ResourceNotificationService notifications, CancellationToken stopping)
    {
        if (path is null)
        {
            return Task.CompletedTask;
        }

        var complete = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = FollowAsync();
        return complete.Task;

        async Task FollowAsync()
        {
            try
            {
                await foreach (var change in notifications.WatchAsync(stopping))
                {
                    if (Update(change))
                    {
                        Write(path);
                    }

                    if (All.All(resource => resource.IsSettled))
                    {
                        complete.TrySetResult();
                    }
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                complete.TrySetCanceled(stopping);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"--resources-file '{path}' cannot be written: {error.Message}");
                complete.TrySetResult();
            }
        }
    }

    /// <returns>Whether the file has to be written.</returns>
    private bool Update(ResourceEvent change)
    {
        if (All.FirstOrDefault(resource => resource.Name == change.Resource.Name) is not { } listed)
        {
            return false;
        }

        var before = (listed.Pid, listed.IsSettled);
        var state = change.Snapshot.State?.Text;
        listed.IsSettled |= state is not null && (state == KnownResourceStates.Running || KnownResourceStates.TerminalStates.Contains(state));
        if (int.TryParse(change.Snapshot.Properties.FirstOrDefault(property => property.Name == PidProperty)?.Value?.ToString(), out var pid))
        {
            listed.Pid = pid;
        }

        return before != (listed.Pid, listed.IsSettled);
    }

    // Beside and then in place, so that a reader never sees half a file.
    private void Write(string path)
    {
        var beside = path + ".new";
        File.WriteAllText(beside, JsonSerializer.Serialize(All.Select(resource => resource.ToFileEntry()), s_json));
        File.Move(beside, path, overwrite: true);
    }
}
