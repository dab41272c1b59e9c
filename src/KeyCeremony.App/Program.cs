using KeyCeremony.App.Commands;

// The process of an HSM's module, and who starts it on the live image, know no other command: they start in two thirds of the time.
return LastNet.Run(() => HsmHostCommand.IsMeant(args) ? HsmHostCommand.Run()
    : HsmWardenCommand.IsMeant(args) ? HsmWardenCommand.Run(args[2]) : AllCommands.Run(args));
