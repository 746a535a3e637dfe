namespace LlmdAspire.Router.Workers;

/// <summary>Knows which models the workers together serve.</summary>
internal sealed class ServedModels(WorkerPool pool)
{
    /// <summary>Whether a request for the model can be refused: every healthy worker told its models, and none has this one.</summary>
    /// <param name="served">What is served instead, for the error message; null when the model may be served.</param>
    public bool IsUnknown(string model, out string? served)
    {
        served = null;
        var anyHealthy = false;
        foreach (var worker in pool.Current.Endpoints)
        {
            if (worker.Health != WorkerHealth.Healthy)
            {
                continue;
            }

            anyHealthy = true;
            if (worker.Serves(model) != false)
            {
                return false;
            }
        }

        if (!anyHealthy)
        {
            return false;
        }

        served = List();
        AskAgain();
        return true;
    }

    private string List()
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var worker in pool.Current.Endpoints)
        {
            names.UnionWith(worker.Health == WorkerHealth.Healthy ? worker.Models ?? [] : []);
        }

        return string.Join(", ", names);
    }

    // An adapter may have been loaded since the last look; the next request will know.
    private void AskAgain()
    {
        foreach (var worker in pool.Current.Endpoints)
        {
            worker.ProbeSoon();
        }
    }
}
