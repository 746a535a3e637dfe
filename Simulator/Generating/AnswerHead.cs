namespace LlmdAspire.Simulator.Generating;

/// <summary>What every answer and every chunk of a request begins with.</summary>
internal readonly record struct AnswerHead(string Id, long Created, string Model);
