from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('lighthouse', '0003_first_beacon')]
    operations = [migrations.AddField('beacon', 'enabled', models.BooleanField(default=True))]
