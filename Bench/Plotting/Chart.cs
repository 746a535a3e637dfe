namespace LlmdAspire.Bench.Plotting;

/// <summary>Lines over an x axis.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="XTitle">With unit.</param>
/// <param name="YTitle">With unit.</param>
/// <param name="Lines">At least one, each with at least one point.</param>
/// <param name="HasMarks">Whether the points are measurements of their own and are marked.</param>
internal sealed record Chart(string Title, string XTitle, string YTitle, IReadOnlyList<Line> Lines, bool HasMarks);

/// <summary>One line of a chart, from left to right.</summary>
internal sealed record Line(string Name, IReadOnlyList<(double X, double Y)> Points);
