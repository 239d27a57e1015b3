// SPDX-License-Identifier: MIT
// A light behind the computer's screen, as the firmware of a laptop offers one: the kernel's driver
// of ACPI's video extensions makes /sys/class/backlight/acpi_video0 of it.
DefinitionBlock ("", "SSDT", 2, "PHLAB", "LIGHT", 1)
{
	External (\_SB.PCI0.SF0, DeviceObj) // virtio-gpu, by its address

	Scope (\_SB.PCI0.SF0)
	{
		Method (_DOS, 1) {}
		Method (_DOD) { Return (Package (1) { 0x80000400 }) } // a panel

		Device (LCD0)
		{
			Name (_ADR, 0x0400)
			Name (NOW, 50)
			// With mains, with a battery, then all that can be chosen: 50 steps.
			Name (_BCL, Package (53) {
				100, 50, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40,
				42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62, 64, 66, 68, 70, 72, 74, 76, 78, 80, 82, 84,
				86, 88, 90, 92, 94, 96, 98, 100
			})
			Method (_BCM, 1) { NOW = Arg0 }
			Method (_BQC) { Return (NOW) }
		}
	}
}
