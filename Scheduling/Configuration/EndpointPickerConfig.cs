namespace LlmdAspire.Scheduling.Configuration;

/// <summary>Loads llm-d's EndpointPickerConfig files, of both API groups, unchanged.</summary>
public static class EndpointPickerConfig
{
    /// <summary>llm-d's defaults where no file is given.</summary>
    public const string Default = """
        apiVersion: llm-d.ai/v1alpha1
        kind: EndpointPickerConfig
        plugins:
        - type: queue-scorer
        - type: kv-cache-utilization-scorer
        - type: prefix-cache-scorer
        schedulingProfiles:
        - name: default
          plugins:
          - pluginRef: queue-scorer
            weight: 2
          - pluginRef: kv-cache-utilization-scorer
            weight: 2
          - pluginRef: prefix-cache-scorer
            weight: 3
        """;

    /// <summary>Reads a file's text and builds the scheduler it describes.</summary>
    /// <exception cref="ConfigurationException">Something in it is wrong or not supported yet; all of it is told at once.</exception>
    public static Scheduler Load(string yaml, SchedulerOptions? options = null)
    {
        var mistakes = new ConfigurationMistakes();
        var document = ConfigurationDocument.Read(yaml, mistakes);
        // What cannot be read cannot be built: half a document would only add wrong guesses to the list.
        var scheduler = document.IsRead ? new SchedulerBuilder(document, options ?? new SchedulerOptions(), mistakes).Build() : null;
        return scheduler ?? throw new ConfigurationException(mistakes.Lines);
    }
}
