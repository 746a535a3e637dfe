namespace LlmdAspire.Bench.Plotting;

/// <summary>The style sheet of the page.</summary>
internal static class PlotStyle
{
    // Lines differ in dash as well as in colour, for those who see colours otherwise and for print.
    public const string Css = """
        :root { color-scheme: light dark; --ink: #1b1f24; --soft: #59636e; --paper: #fff; --card: #f6f8fa; --edge: #d1d9e0; --grid: #dfe4ea;
          --c0: #0969da; --c1: #bc4c00; --c2: #1a7f37; --c3: #8250df; --c4: #bf3989; --c5: #7d6200; --c6: #0b7285; --c7: #57606a }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9da7b3; --paper: #0d1117; --card: #161b22; --edge: #3d444d; --grid: #2b323b;
          --c0: #58a6ff; --c1: #f0883e; --c2: #56d364; --c3: #bc8cff; --c4: #ff7bbd; --c5: #e3b341; --c6: #39c5cf; --c7: #b1bac4 } }
        * { box-sizing: border-box }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
        main { max-width: 1200px; margin: 0 auto; padding: 16px }
        h1 { font-size: 1.5rem; margin: 8px 0 16px; overflow-wrap: anywhere } h2 { font-size: 1rem; margin: 0 }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 16px; margin-top: 16px; align-items: start }
        figure { margin: 0; padding: 12px; background: var(--card); border: 1px solid var(--edge); border-radius: 8px; min-width: 0 }
        figcaption span, .note { color: var(--soft); font-size: .875rem }
        figure > svg { display: block; width: 100%; height: auto; margin-top: 8px }
        svg text { fill: var(--soft); font-size: 12px } .grid { stroke: var(--grid) } .tick { stroke: var(--soft) }
        .line { fill: none; stroke-width: 2; stroke-linejoin: round } .mark { stroke: var(--card); stroke-width: 1 }
        .s0 { stroke: var(--c0); --fill: var(--c0) } .s1 { stroke: var(--c1); --fill: var(--c1); stroke-dasharray: 6 3 }
        .s2 { stroke: var(--c2); --fill: var(--c2); stroke-dasharray: 2 2 } .s3 { stroke: var(--c3); --fill: var(--c3); stroke-dasharray: 8 3 2 3 }
        .s4 { stroke: var(--c4); --fill: var(--c4); stroke-dasharray: 10 4 } .s5 { stroke: var(--c5); --fill: var(--c5); stroke-dasharray: 4 4 }
        .s6 { stroke: var(--c6); --fill: var(--c6); stroke-dasharray: 1 3 } .s7 { stroke: var(--c7); --fill: var(--c7); stroke-dasharray: 12 3 3 3 }
        circle.mark { fill: var(--fill); stroke: var(--card); stroke-dasharray: none }
        .legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 8px 0 0; padding: 0; font-size: .875rem }
        .legend li { display: flex; align-items: center; gap: 6px; overflow-wrap: anywhere } .legend svg { width: 24px; height: 8px; flex: none }
        .scroll { overflow-x: auto; border: 1px solid var(--edge); border-radius: 8px } .values { max-height: 320px; overflow-y: auto; margin-top: 8px }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .875rem }
        th, td { padding: 5px 10px; text-align: right; border-top: 1px solid var(--edge); white-space: nowrap } thead th { border-top: 0 }
        th:first-child { text-align: left; font-weight: 500; position: sticky; left: 0; background: var(--paper) } thead th, thead th:first-child { font-weight: 600; white-space: normal; background: var(--card) }
        @media (max-width: 600px) { tbody th { white-space: normal } thead th { min-width: 90px } }
        details { margin-top: 8px } summary { cursor: pointer; padding: 6px 0; color: var(--c0) }
        :focus-visible { outline: 2px solid var(--c0); outline-offset: 2px }
        @media print { details { display: none } figure { break-inside: avoid } }
        """;
}
