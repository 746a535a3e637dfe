using LlmdAspire.Router;
using LlmdAspire.Router.Sidecar;

return await (ModeFlag.IsSidecar(args) ? new SidecarService().RunAsync(args) : new RouterService().RunAsync(args));
