return await new LlmdAspire.Dashboard.DashboardService().RunAsync(args);
