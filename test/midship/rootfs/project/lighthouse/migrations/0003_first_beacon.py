from django.db import migrations


def create(apps, schema_editor):
    apps.get_model('lighthouse', 'Beacon').objects.create(name='midship', address='midship.local')


class Migration(migrations.Migration):
    dependencies = [('lighthouse', '0002_reading')]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
